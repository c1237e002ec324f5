import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ConnectFacts } from './snippet'
import { duckdbMetadata, duckdbRest, flinkRest } from './sql-snippets'

const rest = {
  uri: 'https://lake.example.com/iceberg',
  warehouse: 'local',
  prefix: 'local',
  signIn: { kind: 'bearer' as const },
}
const facts: ConnectFacts = {
  catalogKind: 'embedded',
  catalogAccess: { rest, database: null },
  location: 'file:///lake/t',
  metadataLocation: `file:///lake/it's/1.json`,
}
const name = fc.string({
  unit: fc.constantFrom('a', 'Z', ' ', '.', ';', '-', "'", '"', '`', '\\', '$', '\n', '/', '*', 'é', '😀'),
  minLength: 1,
  maxLength: 12,
})
const tables = fc.record({
  catalog: fc.constantFrom('local', 'select', 'the-lake'),
  namespace: fc.array(name, { minLength: 1, maxLength: 3 }),
  table: name,
})

it('is five statements to DuckDB, whatever the names', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      const texts = [duckdbRest(table, rest, facts)?.text ?? '', duckdbMetadata(table, facts).text]
      const counts: number[] = []
      for (const text of texts) counts.push((await connection.extractStatements(text)).count)
      expect(counts).toEqual([5, 3])
    }),
  )
  connection.closeSync()
})

it('asks DuckDB for the very table', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      const query = /SELECT count[^]*;$/.exec(duckdbRest(table, rest, facts)?.text ?? '')?.[0] ?? ''
      const [row] = (
        await connection.runAndReadAll(`SELECT json_serialize_sql($sql::varchar)::varchar`, { sql: query })
      ).getRows()
      const { statements } = JSON.parse(String(row?.[0])) as { statements: { node: { from_table: From } }[] }
      expect(statements[0]?.node.from_table).toMatchObject({
        catalog_name: table.catalog,
        schema_name: table.namespace.join('.'),
        table_name: table.table,
      })
    }),
    { numRuns: 50 },
  )
  connection.closeSync()
})

it('says which words of the SQL are to be replaced', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  expect(flinkRest(table, rest, facts).note).toBe('put your own in the place of LAKESHORE_TOKEN')
  expect(flinkRest(table, { ...rest, signIn: { kind: 'none' } }, facts).note).toBeNull()
  const credentials = { kind: 'oauth2' as const, tokenUri: null, scope: null }
  expect(duckdbRest(table, { ...rest, signIn: credentials }, facts)?.note).toBe(
    'put your own in the place of CATALOG_CLIENT_ID and CATALOG_CLIENT_SECRET',
  )
})

type From = { catalog_name: string; schema_name: string; table_name: string }
