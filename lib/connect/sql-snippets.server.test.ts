import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { ConnectFacts } from './snippet'
import { duckdbMetadataSnippet, duckdbRestSnippet, flinkRestSnippet } from './sql-snippets'

const rest = {
  uri: 'https://lake.example.com/iceberg',
  warehouse: 'local',
  prefix: 'local',
  signIn: { kind: 'bearer' as const },
  delegation: 'none' as const,
}
const facts: ConnectFacts = {
  catalogKind: 'embedded',
  catalogAccess: { rest, database: null, s3: null },
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

const inS3: ConnectFacts = {
  ...facts,
  catalogAccess: { ...facts.catalogAccess, s3: { endpoint: 'http://s3.local:9000', region: 'eu', isPathStyle: true } },
  location: 's3://lake/t',
  metadataLocation: `s3://lake/it's/1.json`,
}
const signed = { ...rest, delegation: 'remote-signing' as const }

it('A snippet is five statements for DuckDB, and one more for S3, whatever the names', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      const texts = [
        duckdbRestSnippet(table, rest, facts)?.text ?? '',
        duckdbMetadataSnippet(table, facts).text,
        duckdbRestSnippet(table, signed, inS3)?.text ?? '',
        duckdbMetadataSnippet(table, inS3).text,
      ]
      const counts: number[] = []
      for (const text of texts) counts.push((await connection.extractStatements(text)).count)
      expect(counts).toEqual([5, 3, 6, 4])
    }),
    propertyRuns(),
  )
  connection.closeSync()
})

it('A snippet reads the same table in DuckDB', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await fc.assert(
    fc.asyncProperty(tables, async (table) => {
      const query = /SELECT count[^]*;$/.exec(duckdbRestSnippet(table, rest, facts)?.text ?? '')?.[0] ?? ''
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
    propertyRuns(50),
  )
  connection.closeSync()
})

it('A snippet says which words of the SQL the user has to replace', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  // The page says where the token comes from.
  expect(flinkRestSnippet(table, rest, facts)?.note).toBeNull()
  expect(flinkRestSnippet(table, { ...rest, signIn: { kind: 'none' } }, facts)?.note).toBeNull()
  const credentials = { kind: 'oauth2' as const, tokenUri: null, scope: null }
  expect(duckdbRestSnippet(table, { ...rest, signIn: credentials }, facts)?.note).toBe(
    'Replace CATALOG_CLIENT_ID and CATALOG_CLIENT_SECRET with your own.',
  )
})

it('A snippet is missing for Flink if it would misread the name', () => {
  const snippet = (namespace: string[], table: string) =>
    flinkRestSnippet({ catalog: 'local', namespace, table }, rest, facts)
  expect(snippet(['sales', 'eu north'], `it's "ours"; -- \`é\``)).not.toBeNull()
  for (const mistaken of ['a.b', '100%', 'a$snapshots']) expect(snippet(['demo'], mistaken)).toBeNull()
  for (const mistaken of ['a.b', '100%']) {
    expect(snippet([mistaken], 'flights')).toBeNull()
    expect(snippet([mistaken, 'eu'], 'flights')).toBeNull()
  }
  expect(snippet(['a$b'], 'flights')).not.toBeNull()
})

it('A snippet names the jars that Flink needs, and one more for S3', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const text = (location: string) => flinkRestSnippet(table, signed, { ...facts, location })?.text
  expect(text('file:///lake/t')).toMatch(
    /^--.*\n--   iceberg-flink-runtime[^]*--   hadoop-client-api[^]*\nCREATE CATALOG/,
  )
  expect(text('file:///lake/t')).not.toContain('iceberg-aws-bundle')
  expect(text('s3://lake/t')).toContain('\n--   iceberg-aws-bundle-1.10.1.jar\nCREATE CATALOG')
})

it('A snippet gives DuckDB, which does not support remote signing, a secret with placeholders for keys and the store’s endpoint', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const options = `TYPE s3,\n  KEY_ID 'AWS_ACCESS_KEY_ID',\n  SECRET 'AWS_SECRET_ACCESS_KEY',\n  REGION 'eu'`
  const store = `${options},\n  ENDPOINT 's3.local:9000',\n  USE_SSL false,\n  URL_STYLE 'path'`
  for (const snippet of [duckdbRestSnippet(table, signed, inS3), duckdbMetadataSnippet(table, inS3)]) {
    expect(snippet?.text).toContain(`CREATE SECRET lake_store (\n  ${store}\n);`)
    expect(snippet?.note).toContain('AWS_SECRET_ACCESS_KEY')
  }
  expect(duckdbRestSnippet(table, signed, inS3)?.text).toContain(`ACCESS_DELEGATION_MODE 'none'`)
  const elsewhere = { ...inS3, catalogAccess: { ...inS3.catalogAccess, s3: null } }
  expect(duckdbMetadataSnippet(table, elsewhere).text).toMatch(/-- A store other than AWS[^]*REGION 'AWS_REGION'\n\);/)
  const vended = duckdbRestSnippet(table, { ...rest, delegation: 'vended-credentials' }, elsewhere)?.text
  expect(vended).not.toMatch(/lake_store|ACCESS_DELEGATION_MODE/)
})

type From = { catalog_name: string; schema_name: string; table_name: string }
