import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { enforceNewViewLimits } from '@/lib/iceberg/commit/size-limits'
import { viewMetadataFromJson } from '@/lib/iceberg/view/view-metadata-json'
import { viewVersionToJson } from '@/lib/iceberg/view/view-version-json'
import type { RequestOptions, LoadedView, NewView, RowOptions, ViewOptions } from '../catalog-client'
import { recordAlongside } from './record-alongside'
import { ENDPOINTS } from './http/endpoints'
import { readWriteResponse, callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import { toIdentifierJson, listNames, toPathNames } from './tables'
import type { Json } from '@/lib/iceberg/json/json'

/** Returns an empty list when the catalog does not support views, because every namespace page lists its views. */
export async function listViews(
  session: RestSession,
  namespace: TableIdentifier['namespace'],
  options: ReadOptions = {},
): Promise<TableIdentifier[]> {
  const { endpoints } = await session.config(options)
  return endpoints.has(ENDPOINTS.listViews) ? listNames(session, ENDPOINTS.listViews, namespace, options) : []
}

export async function loadView(
  session: RestSession,
  identifier: TableIdentifier,
  options: ReadOptions = {},
): Promise<LoadedView> {
  const names = toViewPathNames(session, identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.loadView, { ...options, names, purpose: 'read' })
  return readLoadedView(identifier, json)
}

export async function createView(
  session: RestSession,
  identifier: TableIdentifier,
  { schema, version, location, properties = {} }: NewView,
  { signal, alongside }: ViewOptions = {},
): Promise<LoadedView> {
  enforceNewViewLimits({ schema, version, properties })
  const { namespace } = toPathNames(session, identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.createView, {
    names: { namespace },
    body: {
      name: identifier.table,
      ...(location !== undefined && { location }),
      schema: schemaToJson(schema),
      'view-version': viewVersionToJson(version),
      properties,
    },
    purpose: 'create',
    ...(signal && { signal }),
  })
  return finishCreate(session, identifier, json, alongside)
}

export async function registerView(
  session: RestSession,
  identifier: TableIdentifier,
  metadataLocation: string,
  { signal, alongside }: ViewOptions = {},
): Promise<LoadedView> {
  const { namespace } = toPathNames(session, identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.registerView, {
    names: { namespace },
    body: { name: identifier.table, 'metadata-location': metadataLocation },
    purpose: 'create',
    ...(signal && { signal }),
  })
  return finishCreate(session, identifier, json, alongside)
}

export async function renameView(
  session: RestSession,
  from: TableIdentifier,
  to: TableIdentifier,
  { signal, alongside }: RowOptions = {},
): Promise<void> {
  const requestOptions = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await fetchMetadataLocation(session, from, requestOptions) : null
  const [source, destination] = [toIdentifierJson(session, from), toIdentifierJson(session, to)]
  await callEndpoint(session, ENDPOINTS.renameView, {
    ...requestOptions,
    body: { source, destination },
    purpose: 'create',
  })
  await recordAlongside(session, () => alongside?.({ identifier: to, metadataLocation }))
}

export async function dropView(
  session: RestSession,
  identifier: TableIdentifier,
  { signal, alongside }: RowOptions = {},
): Promise<void> {
  const requestOptions = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await fetchMetadataLocation(session, identifier, requestOptions) : null
  await callEndpoint(session, ENDPOINTS.dropView, {
    ...requestOptions,
    names: toViewPathNames(session, identifier),
    purpose: 'drop',
  })
  await recordAlongside(session, () => alongside?.({ identifier, metadataLocation }))
}

export function toViewPathNames(session: RestSession, identifier: TableIdentifier) {
  const { namespace, table } = toPathNames(session, identifier)
  return { namespace, view: table }
}

/** Errors in the envelope are the catalog's, errors in the metadata are the file's. */
export function readLoadedView(identifier: TableIdentifier, json: Json): LoadedView {
  const envelope = readResponse('its view has an unexpected form', () => {
    const response = new JsonFields(json, '')
    return { metadataLocation: response.text('metadata-location'), json: response.json('metadata') }
  })
  return { identifier, metadataLocation: envelope.metadataLocation, metadata: viewMetadataFromJson(envelope.json) }
}

async function finishCreate(
  session: RestSession,
  identifier: TableIdentifier,
  json: Json,
  alongside: ViewOptions['alongside'],
): Promise<LoadedView> {
  const after = readWriteResponse(() => readLoadedView(identifier, json))
  await recordAlongside(session, () => alongside?.({ before: null, after }))
  return after
}

/** The metadata location of a view; null when its metadata cannot be read. */
async function fetchMetadataLocation(
  session: RestSession,
  identifier: TableIdentifier,
  options: RequestOptions,
): Promise<string | null> {
  const { endpoints } = await session.config(options)
  if (!endpoints.has(ENDPOINTS.loadView)) return null
  try {
    return (await loadView(session, identifier, options)).metadataLocation
  } catch (error) {
    if (error instanceof AppError && ['file-missing', 'file-damaged', 'not-supported'].includes(error.code)) return null
    throw error
  }
}
