import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableRef } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { tableMetadataFromJson } from '@/lib/iceberg/metadata-json'
import { partitionSpecToJson, sortOrderToJson } from '@/lib/iceberg/partition-spec-json'
import { schemaToJson } from '@/lib/iceberg/schema-json'
import { requireNewTableFits } from '@/lib/iceberg/size-limits'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { Json } from '@/lib/iceberg/types'
import type { Asked, CommitOptions, LoadedTable, NewTable, RowOptions, StagedTable } from '../catalog-client'
import type { LoadedMetadata } from './loaded-metadata'
import { written } from './rest-alongside'
import { type Endpoint, ENDPOINTS } from './rest-endpoints'
import { inNameOrder } from './rest-namespaces'
import { everyPage } from './rest-pages'
import type { RestAnswer } from './rest-request'
import { afterWrite, ask, type Reading, type RestSession, readAnswer } from './rest-session'
import type { HandedOut, TableStores } from './table-stores'

/** What the operations on tables work with. */
export type TableParts = { session: RestSession; stores: TableStores; loadedBefore: LoadedMetadata }

type LoadResult = HandedOut & { metadataLocation: string | null; metadata: TableMetadata }
type LocatedResult = LoadResult & { metadataLocation: string }

export async function listNames(
  session: RestSession,
  endpoint: Endpoint,
  namespace: Namespace,
  asked: Reading = {},
): Promise<TableRef[]> {
  const names = await everyPage(
    session,
    endpoint,
    { ...asked, names: { namespace }, list: 'identifiers' },
    ({ json, where }) => new JsonFields(json, where).text('name'),
  )
  return inNameOrder(names, (name) => name).map((table) => ({ catalog: session.name, namespace, table }))
}

/**
 * A version that was loaded before is asked for by its tag, as long as the store that came with it may be used: the
 * catalog's word that nothing changed hands out no new credentials.
 */
export async function loadTable(parts: TableParts, ref: TableRef, asked: Reading = {}): Promise<LoadedTable> {
  const { session, stores, loadedBefore } = parts
  const store = stores.found(ref)
  const before = store && loadedBefore.get(ref)
  const headers = before ? { 'if-none-match': before.etag } : {}
  const answer = await askForTable(session, ref, { ...asked, snapshots: 'all', headers })
  if (store && before && answer.status === 304) {
    const { metadata, metadataLocation } = before
    return { ref, metadataLocation, metadata, store }
  }
  loadedBefore.forget(ref)
  const table = await loaded(stores, ref, withLocation(loadResultOf(answer.json)))
  loadedBefore.keep(ref, table, { etag: answer.headers.etag ?? null, chars: answer.chars })
  return table
}

/** What the catalog hands out for the files of a table, by the cheapest way it has. */
export async function fetchHandedOut(
  session: RestSession,
  ref: TableRef,
  last: HandedOut | null,
  asked: Reading = {},
): Promise<HandedOut> {
  const { endpoints } = await session.config(asked)
  if (last !== null && endpoints.has(ENDPOINTS.loadCredentials)) {
    const { json } = await ask(session, ENDPOINTS.loadCredentials, {
      ...asked,
      names: namesOf(session, ref),
      purpose: 'read',
    })
    const credentials = readAnswer('its credentials have another form', () => credentialsOf(new JsonFields(json, '')))
    if (credentials.length > 0) return { ...last, credentials }
  }
  return fetchTable(session, ref, { ...asked, snapshots: 'refs' })
}

export async function createTable(
  { session, stores }: TableParts,
  ref: TableRef,
  table: NewTable,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  const answer = await postTable(session, ref, table, { ...options, isStaged: false })
  const after = await loaded(
    stores,
    ref,
    afterWrite(() => withLocation(answer)),
  )
  await written(session, () => options.alongside?.({ before: null, after }))
  return after
}

export async function stageTable(
  { session }: TableParts,
  ref: TableRef,
  table: NewTable,
  asked: Asked = {},
): Promise<StagedTable> {
  const { metadata } = await postTable(session, ref, table, { ...asked, isStaged: true })
  return { ref, metadata }
}

export async function registerTable(
  { session, stores, loadedBefore }: TableParts,
  ref: TableRef,
  metadataLocation: string,
  { signal, alongside, overwrite = false }: CommitOptions & { overwrite?: boolean } = {},
): Promise<LoadedTable> {
  const { namespace } = namesOf(session, ref)
  loadedBefore.forget(ref)
  const { json } = await ask(session, ENDPOINTS.registerTable, {
    names: { namespace },
    body: { name: ref.table, 'metadata-location': metadataLocation, ...(overwrite && { overwrite }) },
    headers: delegationHeader(session),
    purpose: 'create',
    ...(signal && { signal }),
  })
  const after = await loaded(
    stores,
    ref,
    afterWrite(() => withLocation(loadResultOf(json))),
  )
  await written(session, () => alongside?.({ before: null, after }))
  return after
}

export async function renameTable(
  { session, stores, loadedBefore }: TableParts,
  from: TableRef,
  to: TableRef,
  { signal, alongside }: RowOptions = {},
): Promise<void> {
  const asked = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await lastLocation(session, from, asked) : null
  const [source, destination] = [identifierOf(session, from), identifierOf(session, to)]
  await ask(session, ENDPOINTS.renameTable, { ...asked, body: { source, destination }, purpose: 'create' })
  stores.forget(from)
  loadedBefore.forget(from)
  await written(session, () => alongside?.({ ref: to, metadataLocation }))
}

export async function dropTable(
  { session, stores, loadedBefore }: TableParts,
  ref: TableRef,
  { signal, alongside, purge = false }: RowOptions & { purge?: boolean } = {},
): Promise<void> {
  const asked = { ...(signal && { signal }) }
  const metadataLocation = alongside ? await lastLocation(session, ref, asked) : null
  await ask(session, ENDPOINTS.dropTable, {
    ...asked,
    names: namesOf(session, ref),
    query: { purgeRequested: String(purge) },
    purpose: 'drop',
  })
  stores.forget(ref)
  loadedBefore.forget(ref)
  await written(session, () => alongside?.({ ref, metadataLocation }))
}

/** @throws {AppError} not-found for a table of another catalog */
export function namesOf(session: RestSession, { catalog, namespace, table }: TableRef) {
  if (catalog !== session.name) throw new AppError('not-found', `There is no catalog named ${catalog}.`)
  return { namespace, table }
}

export function identifierOf(session: RestSession, ref: TableRef) {
  const { namespace, table } = namesOf(session, ref)
  return { namespace, name: table }
}

/** Of a table whose metadata may be unreadable; null then. */
async function lastLocation(session: RestSession, ref: TableRef, asked: Asked): Promise<string | null> {
  try {
    return (await fetchTable(session, ref, { ...asked, snapshots: 'refs' })).metadataLocation
  } catch (error) {
    if (error instanceof AppError && ['file-missing', 'file-damaged', 'not-supported'].includes(error.code)) return null
    throw error
  }
}

async function fetchTable(
  session: RestSession,
  ref: TableRef,
  asked: Reading & { snapshots: 'all' | 'refs' },
): Promise<LoadResult> {
  return loadResultOf((await askForTable(session, ref, asked)).json)
}

function askForTable(
  session: RestSession,
  ref: TableRef,
  { snapshots, headers = {}, ...asked }: Reading & { snapshots: 'all' | 'refs'; headers?: Record<string, string> },
): Promise<RestAnswer> {
  return ask(session, ENDPOINTS.loadTable, {
    ...asked,
    names: namesOf(session, ref),
    query: { snapshots },
    headers: { ...delegationHeader(session), ...headers },
    purpose: 'read',
  })
}

async function postTable(
  session: RestSession,
  ref: TableRef,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
  { signal, isStaged }: Asked & { isStaged: boolean },
): Promise<LoadResult> {
  requireNewTableFits({ schema, partitionSpec, sortOrder, properties })
  const { namespace } = namesOf(session, ref)
  const { json } = await ask(session, ENDPOINTS.createTable, {
    names: { namespace },
    body: {
      name: ref.table,
      schema: schemaToJson(schema),
      ...(partitionSpec && { 'partition-spec': partitionSpecToJson(partitionSpec) }),
      ...(sortOrder && { 'write-order': sortOrderToJson(sortOrder) }),
      ...(location !== undefined && { location }),
      properties,
      'stage-create': isStaged,
    },
    headers: delegationHeader(session),
    purpose: 'create',
    ...(signal && { signal }),
  })
  return afterWrite(() => loadResultOf(json))
}

async function loaded(stores: TableStores, ref: TableRef, answer: LocatedResult): Promise<LoadedTable> {
  const { metadata, metadataLocation } = answer
  return { ref, metadataLocation, metadata, store: await stores.of(ref, answer) }
}

/** @throws {AppError} file-missing for an answer that only a staged table may have */
function withLocation({ metadataLocation, ...answer }: LoadResult): LocatedResult {
  if (metadataLocation !== null) return { ...answer, metadataLocation }
  throw new AppError('file-missing', 'The catalog names no metadata file for this table.')
}

/** The envelope is the catalog's, the metadata in it a file's: each is refused in its own words. */
function loadResultOf(json: Json): LoadResult {
  const envelope = readAnswer('its table has another form', () => {
    const answer = new JsonFields(json, '')
    return {
      metadataLocation: answer.has('metadata-location') ? answer.text('metadata-location') : null,
      json: answer.json('metadata'),
      config: answer.textMap('config'),
      credentials: credentialsOf(answer),
    }
  })
  const metadata = tableMetadataFromJson(envelope.json)
  const { metadataLocation, config, credentials } = envelope
  return { metadataLocation, metadata, config, credentials, tableLocation: metadata.location }
}

function credentialsOf(answer: JsonFields): HandedOut['credentials'] {
  return answer.items('storage-credentials').map(({ json, where }) => {
    const credential = new JsonFields(json, where)
    return { prefix: credential.text('prefix'), config: credential.textMap('config') }
  })
}

function delegationHeader({ settings }: RestSession): Record<string, string> {
  return settings.delegation === 'none' ? {} : { 'x-iceberg-access-delegation': settings.delegation }
}
