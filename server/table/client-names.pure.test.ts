import { expect, it } from 'vitest'
import { toClientName } from './client-names'

it.each([
  ['PyIceberg 0.12.0', null, { name: 'PyIceberg', version: '0.12.0', library: null }],
  ['duckdb v1.5.6', null, { name: 'DuckDB', version: '1.5.6', library: null }],
  ['lakeshore', null, { name: 'Lakeshore', version: null, library: null }],
  ['Apache Iceberg 1.10.0', null, { name: 'Apache Iceberg', version: '1.10.0', library: null }],
  ['Apache Iceberg 1.10.0', 'spark 4.0.1', { name: 'Spark', version: '4.0.1', library: 'Apache Iceberg 1.10.0' }],
  ['Apache Iceberg 1.10.0', 'Trino', { name: 'Trino', version: null, library: 'Apache Iceberg 1.10.0' }],
  ['PyIceberg 0.12.0', 'pyiceberg 0.12.0', { name: 'PyIceberg', version: '0.12.0', library: null }],
  ['Apache-HttpClient 5.5', 'spark 3.5.7', { name: 'Spark', version: '3.5.7', library: null }],
  ['my loader', null, { name: 'my loader', version: null, library: null }],
  [null, 'spark 3.5.6', { name: 'Spark', version: '3.5.6', library: null }],
  ['x'.repeat(90), null, { name: 'x'.repeat(60), version: null, library: null }],
  [null, null, { name: null, version: null, library: null }],
])('the client %j of the engine %j', (client, engine, name) => {
  expect(toClientName(client, engine)).toEqual(name)
})
