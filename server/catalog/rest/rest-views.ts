import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { schemaToJson } from '@/lib/iceberg/schema-json'
import { requireNewViewFits } from '@/lib/iceberg/size-limits'
import type { Json } from '@/lib/iceberg/types'
import { viewMetadataFromJson } from '@/lib/iceberg/view-metadata-json'
import { viewVersionToJson } from '@/lib/iceberg/view-version-json'
import type { Asked, LoadedView, NewView, RowOptions, ViewOptions } from '../catalog-client'
import { written } from './rest-alongside'
import { ENDPOINTS } from './rest-endpoints'
import { afterWrite, ask, type Reading, type RestSession, readAnswer } from './rest-session'
import { identifierOf, listNames, namesOf } from './rest-tables'

/** None where the catalog has no views, as a list of them is asked with every namespace. */
export async function listViews(
  session: RestSession,
  namespace: TableRef['namespace'],
  asked: Reading = {},
): Promise<TableRef[]> {
  const { endpoints } = await session.config(asked)
  return endpoints.has(ENDPOINTS.listViews) ? listNames(session, ENDPOINTS.listViews, namespace, asked) : []
}

export async function loadView(session: RestSession, ref: TableRef, asked: Reading = {}): Promise<LoadedView> {
  const names = viewNames(session, ref)
  const { json } = await ask(session, ENDPOINTS.loadView, { ...asked, names, purpose: 'read' })
  return loadedView(ref, json)
}

export async function createView(
  session: RestSession,
  ref: TableRef,
  { schema, version, location, properties = {} }: NewView,
  { signal, alongside }: ViewOptions = {},
): Promise<LoadedView> {
  requireNewViewFits({ schema, version, properties })
  const { namespace } = namesOf(session, ref)
  const { json } = await ask(session, ENDPOINTS.createView, {
    names: { namespace },
    body: {
      name: ref.table,
      ...(location !== undefined && { location }),
      schema: schemaToJson(schema),
      'view-version': viewVersionToJson(version),
      properties,
    },
    purpose: 'create',
    ...(signal && { signal }),
  })
  return created(session, ref, json, alongside)
}

export async function registerView(
  session: RestSession,
  ref: TableRef,
  metadataLocation: string,
  { signal, alongside }: ViewOptions = {},
): Promise<LoadedView> {
  const { namespace } = namesOf(session, ref)
  const { json } = await ask(session, ENDPOINTS.registerView, {
    names: { namespace },
    body: { name: ref.table, 'metadata-location': metadataLocation },
    purpose: 'create',
    ...(signal && { signal }),
  })
  return created(session, ref, json, alongside)
}

export async function renameView(
  session: RestSession,
  from: TableRef,
  to: TableRef,
  { signal, alongside }: RowOptions = {},
): Promise<void> {
  const asked = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await lastLocation(session, from, asked) : null
  const [source, destination] = [identifierOf(session, from), identifierOf(session, to)]
  await ask(session, ENDPOINTS.renameView, { ...asked, body: { source, destination }, purpose: 'create' })
  await written(session, () => alongside?.({ ref: to, metadataLocation }))
}

export async function dropView(
  session: RestSession,
  ref: TableRef,
  { signal, alongside }: RowOptions = {},
): Promise<void> {
  const asked = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await lastLocation(session, ref, asked) : null
  await ask(session, ENDPOINTS.dropView, { ...asked, names: viewNames(session, ref), purpose: 'drop' })
  await written(session, () => alongside?.({ ref, metadataLocation }))
}

export function viewNames(session: RestSession, ref: TableRef) {
  const { namespace, table } = namesOf(session, ref)
  return { namespace, view: table }
}

/** The envelope is the catalog's, the metadata in it a file's. */
export function loadedView(ref: TableRef, json: Json): LoadedView {
  const envelope = readAnswer('its view has another form', () => {
    const answer = new JsonFields(json, '')
    return { metadataLocation: answer.text('metadata-location'), json: answer.json('metadata') }
  })
  return { ref, metadataLocation: envelope.metadataLocation, metadata: viewMetadataFromJson(envelope.json) }
}

async function created(
  session: RestSession,
  ref: TableRef,
  json: Json,
  alongside: ViewOptions['alongside'],
): Promise<LoadedView> {
  const after = afterWrite(() => loadedView(ref, json))
  await written(session, () => alongside?.({ before: null, after }))
  return after
}

/** Of a view whose metadata may be unreadable; null then. */
async function lastLocation(session: RestSession, ref: TableRef, asked: Asked): Promise<string | null> {
  const { endpoints } = await session.config(asked)
  if (!endpoints.has(ENDPOINTS.loadView)) return null
  try {
    return (await loadView(session, ref, asked)).metadataLocation
  } catch (error) {
    if (error instanceof AppError && ['file-missing', 'file-damaged', 'not-supported'].includes(error.code)) return null
    throw error
  }
}
