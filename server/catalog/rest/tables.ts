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
import type { RestResponse } from './http/request'
import { readWriteResponse, callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import type { VendedConfig, TableStores } from './vended/table-stores'
import type { Json } from '@/lib/iceberg/json/json'

type LoadResult = VendedConfig & { metadataLocation: string | null; metadata: TableMetadata }
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
 * Loads a table. It sends the ETag of a cached version while the store of that version is still usable, because a 304
 * brings no new credentials.
 */
export async function loadTable(
  deps: RestDeps,
  identifier: TableIdentifier,
  options: ReadOptions = {},
): Promise<LoadedTable> {
  const { session, stores, metadataCache } = deps
  const store = stores.found(identifier)
  const cached = store && metadataCache.get(identifier)
  const headers = cached ? { 'if-none-match': cached.etag } : {}
  const response = await requestTable(session, identifier, { ...options, snapshots: 'all', headers })
  if (store && cached && response.status === 304) {
    const { metadata, metadataLocation } = cached
    return { identifier, metadataLocation, metadata, store }
  }
  metadataCache.forget(identifier)
  const table = await toLoadedTable(stores, identifier, requireMetadataLocation(readLoadResult(response.json)))
  metadataCache.set(identifier, table, { etag: response.headers.etag ?? null, chars: response.chars })
  return table
}

/** Fetches the vended config of a table, with the cheapest endpoint of the catalog. */
export async function fetchVendedConfig(
  session: RestSession,
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
  return fetchTable(session, identifier, { ...options, snapshots: 'refs' })
}

export async function createTable(
  { session, stores }: RestDeps,
  { table, ...definition }: CatalogWrite<'create-table'>,
  { signal, alongside }: WriteOptions<'create-table'>,
  request: PendingRequest,
): Promise<LoadedTable> {
  return createEntry(request, { entry: table, alongside }, async () => {
    const result = await postTable(session, table, definition, { ...(signal && { signal }), isStaged: false })
    return toLoadedTable(
      stores,
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
  { session, stores, metadataCache }: RestDeps,
  { table: identifier, metadataLocation, overwrite = false }: CatalogWrite<'register-table'>,
  { signal, alongside }: WriteOptions<'register-table'>,
  request: PendingRequest,
): Promise<LoadedTable> {
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
      stores,
      identifier,
      readWriteResponse(() => requireMetadataLocation(readLoadResult(json))),
    )
  })
}

export async function fetchTable(
  session: RestSession,
  identifier: TableIdentifier,
  options: ReadOptions & { snapshots: 'all' | 'refs' },
): Promise<LoadResult> {
  return readLoadResult((await requestTable(session, identifier, options)).json)
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
  stores: TableStores,
  identifier: TableIdentifier,
  result: LocatedResult,
): Promise<LoadedTable> {
  const { metadata, metadataLocation } = result
  return { identifier, metadataLocation, metadata, store: await stores.openLoaded(identifier, result) }
}

/** @throws {AppError} file-missing without a metadata location, which only a staged table may lack */
function requireMetadataLocation({ metadataLocation, ...result }: LoadResult): LocatedResult {
  if (metadataLocation !== null) return { ...result, metadataLocation }
  throw new AppError('file-missing', 'The catalog names no metadata file for this table.')
}

/** Errors in the envelope are the catalog's, errors in the metadata are the file's, so they have different codes. */
function readLoadResult(json: Json): LoadResult {
  const envelope = readResponse('its table has an unexpected form', () => {
    const response = new JsonFields(json, '')
    return {
      metadataLocation: response.has('metadata-location') ? response.text('metadata-location') : null,
      json: response.json('metadata'),
      config: response.textMap('config'),
      credentials: readCredentials(response),
    }
  })
  const metadata = tableMetadataFromJson(envelope.json)
  const { metadataLocation, config, credentials } = envelope
  return { metadataLocation, metadata, config, credentials, tableLocation: metadata.location }
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
