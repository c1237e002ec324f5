import 'server-only'
import type { Namespace, ViewIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { enforceNewViewLimits } from '@/lib/iceberg/commit/size-limits'
import { viewMetadataFromJson } from '@/lib/iceberg/view/view-metadata-json'
import { createViewRequestToJson } from '@/lib/iceberg/view/create-view-request'
import type { ListOptions } from '../port/catalog-lists'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import type { LoadedView } from '../port/loaded-table'
import { createEntry, listNames, toPathNames } from './entries'
import type { PendingRequest } from './pending-request'
import type { RestDeps } from './rest-deps'
import { ENDPOINTS } from './http/endpoints'
import { readWriteResponse, callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import type { Json } from '@/lib/iceberg/json/json'

/** Returns an empty list when the catalog does not support views, because every namespace page lists its views. */
export async function listViews(
  session: RestSession,
  namespace: Namespace,
  options: ReadOptions & ListOptions = {},
): Promise<ViewIdentifier[]> {
  const { endpoints } = await session.config(options)
  if (!endpoints.has(ENDPOINTS.listViews)) return []
  const names = await listNames(session, ENDPOINTS.listViews, namespace, options)
  return names.map((view) => ({ catalog: session.name, namespace, view }))
}

export async function loadView(
  session: RestSession,
  identifier: ViewIdentifier,
  options: ReadOptions = {},
): Promise<LoadedView> {
  const names = toPathNames(session, identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.loadView, { ...options, names, purpose: 'read' })
  return readLoadedView(identifier, json)
}

export async function createView(
  { session }: RestDeps,
  { view: identifier, schema, version, location, properties = {} }: CatalogWrite<'create-view'>,
  { signal, alongside }: WriteOptions<'create-view'>,
  request: PendingRequest,
): Promise<LoadedView> {
  enforceNewViewLimits({ schema, version, properties })
  const { namespace } = toPathNames(session, identifier)
  return createEntry(request, { entry: identifier, alongside }, async () => {
    const { json } = await callEndpoint(session, ENDPOINTS.createView, {
      names: { namespace },
      body: createViewRequestToJson({
        name: identifier.view,
        ...(location !== undefined && { location }),
        schema,
        version,
        properties,
      }),
      purpose: 'create',
      ...(signal && { signal }),
    })
    return readWriteResponse(() => readLoadedView(identifier, json))
  })
}

export async function registerView(
  { session }: RestDeps,
  { view: identifier, metadataLocation }: CatalogWrite<'register-view'>,
  { signal, alongside }: WriteOptions<'register-view'>,
  request: PendingRequest,
): Promise<LoadedView> {
  const { namespace } = toPathNames(session, identifier)
  return createEntry(request, { entry: identifier, metadataLocation, alongside }, async () => {
    const { json } = await callEndpoint(session, ENDPOINTS.registerView, {
      names: { namespace },
      body: { name: identifier.view, 'metadata-location': metadataLocation },
      purpose: 'create',
      ...(signal && { signal }),
    })
    return readWriteResponse(() => readLoadedView(identifier, json))
  })
}

/** Errors in the envelope are the catalog's, errors in the metadata are the file's. */
export function readLoadedView(identifier: ViewIdentifier, json: Json): LoadedView {
  const envelope = readResponse('its view has an unexpected form', () => {
    const response = new JsonFields(json, '')
    return { metadataLocation: response.text('metadata-location'), json: response.json('metadata') }
  })
  return { identifier, metadataLocation: envelope.metadataLocation, metadata: viewMetadataFromJson(envelope.json) }
}
