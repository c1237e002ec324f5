import { existsSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { COLUMNS } from '../ingest/data.mjs'

const FLIGHTS = path.resolve('node_modules/vega-datasets/data/flights-3m.parquet')

/**
 * Rows of different kinds, the same each time: columns as `[name, Iceberg type, SQL over "range"]`, and the columns of a
 * question about them.
 */
export const DATA_SETS = [
  {
    // Numbers, times and texts of some thousand values, as in benches/ingest.
    name: 'rows',
    isNoise: false,
    columns: COLUMNS.map(([name, , type, sql]) => [name, type, sql]),
    from: 'range(1000000)',
    groupBy: 'kind',
    sum: 'n',
  },
  {
    // Events of services.
    name: 'events',
    isNoise: false,
    columns: [
      ['at', 'timestamp', "TIMESTAMP '2026-01-01' + to_milliseconds(range * 37)"],
      [
        'level',
        'string',
        "CASE WHEN range % 97 = 0 THEN 'error' WHEN range % 13 = 0 THEN 'warning' ELSE 'information' END",
      ],
      [
        'service',
        'string',
        "['checkout', 'inventory', 'payments', 'search', 'shipping'][(1 + hash(range) % 5)::BIGINT]",
      ],
      ['host', 'string', "'node-' || (hash(range + 1) % 40) || '.eu-central-1.example.org'"],
      ['method', 'string', "CASE WHEN hash(range + 2) % 5 = 0 THEN 'POST' ELSE 'GET' END"],
      ['path', 'string', "'/api/v1/customers/orders/' || (hash(range + 3) % 200)"],
      ['status', 'int', '(CASE WHEN range % 97 = 0 THEN 503 WHEN range % 29 = 0 THEN 404 ELSE 200 END)::INTEGER'],
      ['took_ms', 'int', '(5 + hash(range + 4) % 120)::INTEGER'],
      ['message', 'string', "'The request was answered by the service of the region'"],
    ],
    from: 'range(1000000)',
    groupBy: 'service',
    sum: 'took_ms',
  },
  {
    // Flights of vega-datasets.
    name: 'flights',
    isNoise: false,
    columns: [
      ['date', 'timestamp', '"date"'],
      ['delay', 'long', 'delay'],
      ['distance', 'long', 'distance'],
      ['origin', 'string', 'origin'],
      ['destination', 'string', 'destination'],
    ],
    from: `(FROM '${FLIGHTS}' LIMIT 1000000)`,
    groupBy: 'origin',
    sum: 'delay',
  },
  {
    // Random ids, hashes and fractions. It has no target: nothing compresses it.
    name: 'noise',
    isNoise: true,
    columns: [
      ['id', 'string', 'md5(range::VARCHAR)'],
      ['hash', 'string', 'md5((range + 0.5)::VARCHAR)'],
      ['n', 'long', '(hash(range) // 4)::BIGINT'],
      ['share', 'double', 'hash(range + 1) / 18446744073709551616.0::DOUBLE'],
      ['part', 'int', '(hash(range + 2) % 10)::INTEGER'],
    ],
    from: 'range(1000000)',
    groupBy: 'part',
    sum: 'share',
  },
]

export function toSchema({ columns }) {
  const fields = columns.map(([name, type], i) => ({ id: i + 1, name, type, required: false }))
  return { type: 'struct', 'schema-id': 0, fields }
}

/** Writes the rows as NDJSON, unless the folder has them. */
export async function findNdjson({ name, columns, from }, folder) {
  const file = path.join(folder, `${name}.ndjson`)
  if (existsSync(file)) return file
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const select = columns.map(([column, , sql]) => `${sql} AS "${column}"`).join(', ')
  await connection.run(`COPY (SELECT ${select} FROM ${from}) TO '${file}' (FORMAT json)`)
  connection.closeSync()
  instance.closeSync()
  return file
}
