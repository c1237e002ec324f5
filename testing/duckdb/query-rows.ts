import { DuckDBInstance } from '@duckdb/node-api'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readLiveFiles } from '@/server/table/files/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'

/**
 * Queries the data files of a table's current snapshot with DuckDB.
 *
 * @param sql about `live_rows`
 * @returns every value as text, or null
 * @throws when the snapshot has delete files, which are not applied
 */
export async function queryRows(
  manifestCache: ManifestCache,
  table: LoadedTable,
  sql: string,
): Promise<(string | null)[][]> {
  const { metadata, store } = table
  const current = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
  const files = (await readLiveFiles(manifestCache, table, current, { store })).map(({ dataFile }) => dataFile)
  if (files.some(({ content }) => content !== 'data')) throw new Error('The table has delete files.')
  const paths = files.map(({ filePath }) => `'${filePath.replace(/^file:\/\//, '').replaceAll("'", "''")}'`)
  const duckdb = await DuckDBInstance.create(':memory:')
  const connection = await duckdb.connect()
  try {
    await connection.run(`CREATE VIEW live_rows AS SELECT * FROM read_parquet([${paths.join(', ')}])`)
    const rows = (await connection.runAndReadAll(sql)).getRows()
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))))
  } finally {
    connection.closeSync()
    duckdb.closeSync()
  }
}
