import { expect, it } from 'vitest'
import { formatSupport, type NamedClient } from './format-support'

const client = (name: string | null, version: string | null = null, library: string | null = null): NamedClient => ({
  name,
  version,
  library,
})

it.each([
  [client('PyIceberg', '0.8.1'), 'cannot', 'cannot'],
  [client('PyIceberg', '0.9.1'), 'unknown', 'cannot'],
  [client('PyIceberg', '0.12.0'), 'can', 'cannot'],
  [client('PyIceberg', '0.12.0rc1'), 'can', 'cannot'],
  [client('PyIceberg', '0.14.0'), 'can', 'unknown'],
  [client('PyIceberg'), 'unknown', 'unknown'],
  [client('Trino', '476'), 'cannot', 'cannot'],
  [client('Trino', '476', 'Apache Iceberg 1.9.1'), 'cannot', 'cannot'],
  [client('Trino', '481'), 'can', 'can'],
  [client('DuckDB', '1.3.2'), 'unknown', 'unknown'],
  [client('DuckDB', '1.4.3'), 'can', 'cannot'],
  [client('DuckDB', '1.5.2'), 'can', 'unknown'],
  [client('DuckDB', '1.5.10'), 'can', 'can'],
  [client('Spark', '3.5.6', 'Apache Iceberg 1.6.1'), 'cannot', 'cannot'],
  [client('Spark', '3.5.6', 'Apache Iceberg 1.9.2'), 'unknown', 'unknown'],
  [client('Spark', '4.0.1', 'Apache Iceberg 1.10.0'), 'can', 'can'],
  [client('Spark', '4.0.1'), 'unknown', 'unknown'],
  [client('Flink', '2.0.0', 'Apache Iceberg 1.6.0'), 'cannot', 'cannot'],
  [client('Flink', '2.0.0', 'Apache Iceberg 1.10.0'), 'unknown', 'unknown'],
  [client('Apache Iceberg', '1.5.2'), 'cannot', 'cannot'],
  [client('Apache Iceberg', '1.10.0'), 'unknown', 'unknown'],
  [client('Lakeshore'), 'can', 'can'],
  [client('my loader', '3.0'), 'unknown', 'unknown'],
  [client(null), 'unknown', 'unknown'],
])('version 3 and %j', (named, read, write) => {
  expect(formatSupport(3, named)).toMatchObject({ read, write })
})

it('Version 2 is known of the same clients', () => {
  for (const named of [
    client('PyIceberg', '0.12.0'),
    client('Trino', '476'),
    client('DuckDB', '1.5.3'),
    client('Spark', '3.5.6', 'Apache Iceberg 1.10.0'),
    client('Lakeshore'),
  ])
    expect(formatSupport(2, named)).toMatchObject({ read: 'can', write: 'can' })
  expect(formatSupport(2, client('Trino', '400'))).toEqual({ read: 'unknown', write: 'unknown' })
  expect(formatSupport(2, client('Apache Iceberg', '1.6.0'))).toEqual({ read: 'unknown', write: 'unknown' })
})
