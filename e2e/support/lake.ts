import type { APIRequestContext } from '@playwright/test'
import { DuckDBInstance } from '@duckdb/node-api'
import { fileURLToPath } from 'node:url'
import { type AsOf, asOfQuery, type TableIdentifier } from './addresses'

/** Reads tables over the product's API and with native DuckDB, so that tests can compare the two. */

export type LakeFile = {
  path: string
  recordCount: number
  fileSizeBytes: number
  sequenceNumber: number
  codec: string | null
}

export type TableDetail = {
  tableUuid: string
  metadataLocation: string
  figures: { rowCount: number; liveBytes: number; dataFileCount: number }
  refs: { name: string; type: 'branch' | 'tag'; snapshotId: string }[]
  timeline: { snapshotId: string; committedAtMs: number }[]
  properties: Record<string, string>
  shown: { snapshotId: string }
}

export async function fetchTableDetail(
  request: APIRequestContext,
  table: TableIdentifier,
  asOf: AsOf = {},
): Promise<TableDetail> {
  return fetchJson(request, `${apiPath(table)}${asOfQuery(asOf)}`)
}

/** The live files in the order of the rows. */
export async function fetchFiles(
  request: APIRequestContext,
  table: TableIdentifier,
  asOf: AsOf = {},
): Promise<LakeFile[]> {
  const { files } = await fetchJson<{ files: LakeFile[] }>(request, `${apiPath(table)}/files${asOfQuery(asOf)}`)
  return files
}

export async function fetchJson<T>(request: APIRequestContext, path: string): Promise<T> {
  const response = await request.get(path)
  if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`)
  return (await response.json()) as T
}

export function apiPath({ catalog, namespace, table }: TableIdentifier): string {
  return `/api/v1/catalogs/${catalog}/namespaces/${encodeURIComponent(namespace.join('\x1F'))}/tables/${encodeURIComponent(table)}`
}

/** The result of a query in native DuckDB, with every value as text. */
export async function queryDuckdb(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(`select COLUMNS(*)::varchar from (${sql})`)
    return reader.getRows().map((row) => row.map(String))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** A DuckDB table function over the files, with columns matched by name. */
export function readParquetSql(files: readonly Pick<LakeFile, 'path'>[]): string {
  return `read_parquet([${files.map((file) => `'${localPath(file)}'`).join(', ')}], union_by_name = true)`
}

/** The path on disk. Locations are not percent-encoded, so `%` has to be escaped first. */
export function localPath({ path }: Pick<LakeFile, 'path'>): string {
  return fileURLToPath(path.replaceAll('%', '%25'))
}
