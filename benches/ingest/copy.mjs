import { DuckDBInstance } from '@duckdb/node-api'
import { COLUMNS } from './data.mjs'

/**
 * The other side: DuckDB reads the file and writes Parquet, into a folder for each value of a column if one is named.
 * Prints how long the statement took, in milliseconds.
 */
const [csv, target, partitionBy] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '512MiB' })
const connection = await instance.connect()
const columns = COLUMNS.map(([name, type]) => `'${name}': '${type}'`).join(', ')
const startedAt = performance.now()
await connection.run(
  `COPY (SELECT * FROM read_csv('${csv}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${columns}}))
   TO '${target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536${partitionBy ? `, PARTITION_BY (${partitionBy})` : ''})`,
)
console.log(Math.round(performance.now() - startedAt))
