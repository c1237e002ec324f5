import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { COLUMNS } from './data.mjs'

/**
 * The other side: DuckDB reads the file and writes Parquet. `partition` names a column that gets a folder for each of its
 * values, `sort` the columns of an `ORDER BY`. Prints how long the statement took, in milliseconds.
 */
const [input, target, clause, columns] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '512MiB' })
const connection = await instance.connect()
const types = `columns = {${COLUMNS.map(([name, type]) => `'${name}': '${type}'`).join(', ')}}`
const readers = {
  '.csv': `read_csv('${input}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', ${types})`,
  '.ndjson': `read_json('${input}', format = 'newline_delimited', ${types})`,
  '.parquet': `read_parquet('${input}')`,
}
const startedAt = performance.now()
await connection.run(
  `COPY (SELECT * FROM ${readers[path.extname(input)]}${clause === 'sort' ? ` ORDER BY ${columns}` : ''})
   TO '${target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536${clause === 'partition' ? `, PARTITION_BY (${columns})` : ''})`,
)
console.log(Math.round(performance.now() - startedAt))
