import { DuckDBInstance } from '@duckdb/node-api'

/** By field id, as Iceberg reads them: a column was renamed between appends. */
export const COLUMNS = [
  { id: 1, name: 'date', type: 'TIMESTAMP' },
  { id: 2, name: 'arrival_delay', earlierName: 'delay', type: 'INTEGER' },
  { id: 3, name: 'distance', type: 'INTEGER' },
  { id: 4, name: 'origin', type: 'VARCHAR' },
  { id: 5, name: 'destination', type: 'VARCHAR' },
]

function columnSql({ id, name, type }) {
  return `${id}: {'name': '${name}', 'type': '${type}', 'default_value': NULL}`
}

/** Opens native DuckDB in this process, with one thread, over the same files. */
export async function openNative(files) {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const list = `[${files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ')}]`
  const source = `read_parquet(${list}, schema = MAP {${COLUMNS.map(columnSql).join(', ')}})`
  const rows = async (sql) => (await connection.runAndReadAll(sql)).getRows()
  const [[version]] = await rows('select version()')
  return {
    version,
    fileCount: files.length,

    /** Creates a table of columns in memory. @returns milliseconds */
    async load(columnNames) {
      const names = columnNames.map((name) => `"${name}"`).join(', ')
      const startedAt = performance.now()
      await connection.run(`create or replace table loaded as select ${names} from ${source}`)
      return performance.now() - startedAt
    },

    /** Runs a statement over the loaded table and reads every row. @returns milliseconds */
    async time(sql) {
      const startedAt = performance.now()
      await rows(sql.replace('TABLE', 'loaded'))
      return performance.now() - startedAt
    },

    /** Stored bytes of the column chunks that hold columns. */
    async storedBytes(columnNames) {
      const names = COLUMNS.filter(({ name }) => columnNames.includes(name))
        .flatMap(({ name, earlierName }) => [name, ...(earlierName ? [earlierName] : [])])
        .map((name) => `'${name}'`)
        .join(', ')
      const [[bytes]] = await rows(
        `select sum(total_compressed_size)::bigint from parquet_metadata(${list}) where split_part(path_in_schema, ', ', 1) in (${names})`,
      )
      return Number(bytes)
    },
  }
}
