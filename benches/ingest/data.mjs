import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

export const COLUMNS = [
  ['id', 'BIGINT', 'long', 'range * 7919 + 9007199254740993'],
  ['at', 'TIMESTAMP', 'timestamp', "TIMESTAMP '2024-01-01' + to_seconds(range * 13) + to_milliseconds(range % 1000)"],
  ['name', 'VARCHAR', 'string', "'user-' || (range * 31 % 50000)"],
  ['kind', 'VARCHAR', 'string', "['alpha', 'beta', 'gamma', 'delta', 'epsilon'][1 + range % 5]"],
  ['n', 'INTEGER', 'int', '(range * 17 % 1000)::INTEGER'],
  ['price', 'DECIMAL(9, 2)', 'decimal(9, 2)', '((hash(range) % 100000) / 100)::DECIMAL(9, 2)'],
  ['lat', 'DOUBLE', 'double', 'round((hash(range + 1) % 90000000) / 1e6, 6)'],
  ['ok', 'BOOLEAN', 'boolean', 'range % 3 = 0'],
]

export const SCHEMA = {
  type: 'struct',
  'schema-id': 0,
  fields: COLUMNS.map(([name, , type], i) => ({ id: i + 1, name, type, required: false })),
}

const FORMATS = { '.csv': 'FORMAT csv, HEADER true', '.ndjson': 'FORMAT json', '.parquet': 'FORMAT parquet' }

/** Writes the same rows every time, in the format of the name: values that look random are hashes of the row number. */
export async function createInput(file) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const select = COLUMNS.map(([name, , , sql]) => `${sql} AS ${name}`).join(', ')
  await connection.run(`COPY (SELECT ${select} FROM range(1000000)) TO '${file}' (${FORMATS[path.extname(file)]})`)
  connection.closeSync()
  instance.closeSync()
}
