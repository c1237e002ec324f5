import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { tableMetadataFromJson } from '@/lib/iceberg/metadata/metadata-json'
import { createTableRequestToJson } from '@/lib/iceberg/commit/create-table-request'
import { enforceNewTableLimits } from '@/lib/iceberg/commit/size-limits'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ListOptions } from '../port/catalog-lists'
import type { CatalogWrite, NewTable, WriteOptions } from '../port/catalog-write'
import type { LoadedTable, StagedTable } from '../port/loaded-table'
import type { RequestOptions } from '../port/request-options'
import type { RestDeps } from './rest-deps'
import { createEntry, listNames, requireNewEntryName, toPathNames } from './entries'
import type { PendingRequest } from './pending-request'
import { ENDPOINTS } from './http/endpoints'
import { restrictsReads } from './read-restrictions'
import type { RestResponse } from './http/request'
import { readWriteResponse, callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import type { VendedConfig } from './vended/table-stores'
import type { TaggedMetadata } from './loaded-metadata-cache'
import type { Json } from '@/lib/iceberg/json/json'

type LoadResult = VendedConfig & { metadataLocation: string | null; metadata: TableMetadata; isRestricted: boolean }
type LocatedResult = LoadResult & { metadataLocation: string }

export async function listTables(
  session: RestSession,
  namespace: Namespace,
  options: ReadOptions & ListOptions = {},
): Promise<TableIdentifier[]> {
  const names = await listNames(session, ENDPOINTS.listTables, namespace, options)
  return names.map((table) => ({ catalog: session.name, namespace, table }))
}

/**
 * How long the catalog is not asked again whether it restricts reads of a table: a 304 does not say, because an ETag
 * identifies the metadata only. As long as a scan's table is cached (`ScanTables`).
 */
const RESTRICTIONS_LIFETIME_MS = 60_000

/**
 * Loads a table. It sends the ETag of a cached version while the store of that version is still usable, because a 304
 * brings no new credentials, and while the restrictions of that response are recent.
 */
export async function loadTable(
  deps: RestDeps,
  identifier: TableIdentifier,
  options: ReadOptions = {},
): Promise<LoadedTable> {
  const { session, stores, metadataCache, gates } = deps
  const store = stores.found(identifier)
  const cached = store && findRecent(deps, identifier)
  const headers = cached ? { 'if-none-match': cached.etag } : {}
  const response = await requestTable(session, identifier, { ...options, snapshots: 'all', headers })
  if (store && cached && response.status === 304) {
    const { metadata, metadataLocation, isRestricted } = cached
    // Never the reverse: a refresh of credentials may have learned of a restriction since.
    if (isRestricted) gates.record(identifier, true)
    return gates.pass({ identifier, metadataLocation, metadata, store })
  }
  metadataCache.forget(identifier)
  const receivedAtMs = session.nowMs()
  const result = requireMetadataLocation(readLoadResult(response.json))
  const table = await toLoadedTable(deps, identifier, result)
  const { isRestricted } = result
  metadataCache.set(identifier, result, {
    etag: response.headers.etag ?? null,
    chars: response.chars,
    isRestricted,
    receivedAtMs,
  })
  return table
}

function findRecent({ session, metadataCache }: RestDeps, identifier: TableIdentifier): TaggedMetadata | null {
  const cached = metadataCache.get(identifier)
  return cached !== null && session.nowMs() - cached.receivedAtMs < RESTRICTIONS_LIFETIME_MS ? cached : null
}

/** Fetches the vended config of a table, with the cheapest endpoint of the catalog. */
export async function fetchVendedConfig(
  { session, gates }: Pick<RestDeps, 'session' | 'gates'>,
  identifier: TableIdentifier,
  last: VendedConfig | null,
  options: ReadOptions = {},
): Promise<VendedConfig> {
  const { endpoints } = await session.config(options)
  if (last !== null && endpoints.has(ENDPOINTS.loadCredentials)) {
    const { json } = await callEndpoint(session, ENDPOINTS.loadCredentials, {
      ...options,
      names: toPathNames(session, identifier),
      purpose: 'read',
    })
    const credentials = readResponse('its credentials have an unexpected form', () =>
      readCredentials(new JsonFields(json, '')),
    )
    if (credentials.length > 0) return { ...last, credentials }
  }
  const { isRestricted, ...vendedConfig } = await fetchTable(session, identifier, options)
  gates.record(identifier, isRestricted)
  return vendedConfig
}

export async function createTable(
  deps: RestDeps,
  { table, ...definition }: CatalogWrite<'create-table'>,
  { signal, alongside }: WriteOptions<'create-table'>,
  request: PendingRequest,
): Promise<LoadedTable> {
  return createEntry(request, { entry: table, alongside }, async () => {
    const result = await postTable(deps.session, table, definition, { ...(signal && { signal }), isStaged: false })
    return toLoadedTable(
      deps,
      table,
      readWriteResponse(() => requireMetadataLocation(result)),
    )
  })
}

export async function stageTable(
  { session }: RestDeps,
  identifier: TableIdentifier,
  table: NewTable,
  options: RequestOptions = {},
): Promise<StagedTable> {
  requireNewEntryName(identifier)
  const { metadata } = await postTable(session, identifier, table, { ...options, isStaged: true })
  return { identifier, metadata }
}

export async function registerTable(
  deps: RestDeps,
  { table: identifier, metadataLocation, overwrite = false }: CatalogWrite<'register-table'>,
  { signal, alongside }: WriteOptions<'register-table'>,
  request: PendingRequest,
): Promise<LoadedTable> {
  const { session, metadataCache } = deps
  const { namespace } = toPathNames(session, identifier)
  metadataCache.forget(identifier)
  return createEntry(request, { entry: identifier, metadataLocation, alongside }, async () => {
    const { json } = await callEndpoint(session, ENDPOINTS.registerTable, {
      names: { namespace },
      body: { name: identifier.table, 'metadata-location': metadataLocation, ...(overwrite && { overwrite }) },
      headers: delegationHeader(session),
      purpose: 'create',
      ...(signal && { signal }),
    })
    return toLoadedTable(
      deps,
      identifier,
      readWriteResponse(() => requireMetadataLocation(readLoadResult(json))),
    )
  })
}

/** Loads a table with the snapshots of its refs only. */
export async function fetchTable(
  session: RestSession,
  identifier: TableIdentifier,
  options: ReadOptions,
): Promise<LoadResult> {
  return readLoadResult((await requestTable(session, identifier, { ...options, snapshots: 'refs' })).json)
}

function requestTable(
  session: RestSession,
  identifier: TableIdentifier,
  {
    snapshots,
    headers = {},
    ...options
  }: ReadOptions & { snapshots: 'all' | 'refs'; headers?: Record<string, string> },
): Promise<RestResponse> {
  return callEndpoint(session, ENDPOINTS.loadTable, {
    ...options,
    names: toPathNames(session, identifier),
    query: { snapshots },
    headers: { ...delegationHeader(session), ...headers },
    purpose: 'read',
  })
}

async function postTable(
  session: RestSession,
  identifier: TableIdentifier,
  { schema, partitionSpec, sortOrder, location, properties = {} }: NewTable,
  { signal, isStaged }: RequestOptions & { isStaged: boolean },
): Promise<LoadResult> {
  enforceNewTableLimits({ schema, partitionSpec, sortOrder, properties })
  const { namespace } = toPathNames(session, identifier)
  const { json } = await callEndpoint(session, ENDPOINTS.createTable, {
    names: { namespace },
    body: createTableRequestToJson({
      name: identifier.table,
      schema,
      ...(partitionSpec && { partitionSpec }),
      ...(sortOrder && { sortOrder }),
      ...(location !== undefined && { location }),
      properties,
      stageCreate: isStaged,
    }),
    headers: delegationHeader(session),
    purpose: 'create',
    ...(signal && { signal }),
  })
  return readWriteResponse(() => readLoadResult(json))
}

async function toLoadedTable(
  { stores, gates }: RestDeps,
  identifier: TableIdentifier,
  result: LocatedResult,
): Promise<LoadedTable> {
  const { metadata, metadataLocation, isRestricted } = result
  const store = await stores.openLoaded(identifier, result)
  gates.record(identifier, isRestricted)
  return gates.pass({ identifier, metadataLocation, metadata, store })
}

/** @throws {AppError} file-missing without a metadata location, which only a staged table may lack */
function requireMetadataLocation({ metadataLocation, ...result }: LoadResult): LocatedResult {
  if (metadataLocation !== null) return { ...result, metadataLocation }
  throw new AppError('file-missing', 'The catalog names no metadata file for this table.')
}

/** Errors in the envelope are the catalog's, errors in the metadata are the file's, so they have different codes. */
export function readLoadResult(json: Json): LoadResult {
  const envelope = readResponse('its table has an unexpected form', () => {
    const response = new JsonFields(json, '')
    return {
      metadataLocation: response.has('metadata-location') ? response.text('metadata-location') : null,
      json: response.json('metadata'),
      config: response.textMap('config'),
      credentials: readCredentials(response),
      isRestricted: restrictsReads(response.json('read-restrictions')),
    }
  })
  const { metadataLocation } = envelope
  const metadata = tableMetadataFromJson(envelope.json, { metadataLocation })
  const { json: _, ...result } = envelope
  return { ...result, metadata, tableLocation: metadata.location }
}

function readCredentials(response: JsonFields): VendedConfig['credentials'] {
  return response.items('storage-credentials').map(({ json, path }) => {
    const credential = new JsonFields(json, path)
    return { prefix: credential.text('prefix'), config: credential.textMap('config') }
  })
}

function delegationHeader({ settings }: RestSession): Record<string, string> {
  return settings.delegation === 'none' ? {} : { 'x-iceberg-access-delegation': settings.delegation }
}
