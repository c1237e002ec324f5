import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RestAccess } from '@/lib/contract/tables'
import { type ConnectFacts, SNIPPET_ENGINES, type SnippetEngine } from './snippet'
import { offeredSnippets, snippetFor } from './snippet-for'

const flights = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const embedded: ConnectFacts = {
  catalogKind: 'embedded',
  catalogAccess: {
    rest: { uri: 'https://lake.example.com/iceberg', warehouse: 'local', prefix: 'local', signIn: { kind: 'bearer' } },
    database: { uri: 'sqlite:////lake/lakeshore.db', warehouse: 'file:///lake/warehouse' },
  },
  location: 'file:///lake/warehouse/demo/flights',
  metadataLocation: 'file:///lake/warehouse/demo/flights/metadata/1.json',
}
const files: ConnectFacts = { ...embedded, catalogKind: 'files', catalogAccess: { rest: null, database: null } }
const remote = (signIn: RestAccess['signIn'], prefix: string | null = null): ConnectFacts => ({
  ...embedded,
  catalogKind: 'rest',
  catalogAccess: {
    rest: { uri: 'https://catalog.example.com/api', warehouse: 'sales', prefix, signIn },
    database: null,
  },
  location: 's3://bucket/flights',
})
const rest = (engine: SnippetEngine, facts: ConnectFacts, table = flights) =>
  snippetFor(engine, table, facts, 'rest')?.text ?? ''

describe('What an engine is given', () => {
  it('is the catalog over REST first, the database file second, the metadata file where there is nothing else', () => {
    const offer = (facts: ConnectFacts) =>
      offeredSnippets(flights, facts).map(({ engine, reaches }) => [engine, ...reaches])
    expect(offer(embedded)).toEqual([
      ['pyiceberg', 'rest', 'database', 'metadata'],
      ['spark', 'rest', 'database'],
      ['trino', 'rest'],
      ['flink', 'rest'],
      ['duckdb', 'rest', 'metadata'],
      ['curl', 'rest'],
    ])
    expect(offer(files)).toEqual([
      ['pyiceberg', 'metadata'],
      ['duckdb', 'metadata'],
    ])
  })

  it('leaves out engines that cannot sign in as the catalog asks', () => {
    const offered = (signIn: RestAccess['signIn']) =>
      offeredSnippets(flights, remote(signIn)).map(({ engine }) => engine)
    expect(offered({ kind: 'none' })).toEqual([...SNIPPET_ENGINES])
    expect(offered({ kind: 'basic' })).not.toContain('trino')
    const bySigning = offeredSnippets(flights, remote({ kind: 'sigv4', region: 'eu-west-1', service: 'glue' }))
    expect(bySigning.find(({ engine }) => engine === 'duckdb')?.reaches).toEqual(['metadata'])
  })

  it.each(SNIPPET_ENGINES)('names the catalog and the variable of the token: %s', (engine) => {
    const text = rest(engine, embedded)
    expect(text).toContain('https://lake.example.com/iceberg')
    expect(text).toContain('LAKESHORE_TOKEN')
    expect(rest(engine, remote({ kind: 'none' }))).not.toMatch(/TOKEN|CREDENTIAL/)
    expect(rest(engine, remote({ kind: 'bearer' }))).toContain('CATALOG_TOKEN')
  })

  it.each(['pyiceberg', 'spark', 'trino', 'flink', 'duckdb', 'curl'] as const)(
    'says where client credentials are exchanged: %s',
    (engine) => {
      const signIn = { kind: 'oauth2' as const, tokenUri: 'https://login.example.com/token', scope: 'lake read' }
      const text = rest(engine, remote(signIn))
      expect(text).toContain('https://login.example.com/token')
      expect(text).toContain('lake read')
    },
  )

  it('signs as AWS asks', () => {
    const facts = remote({ kind: 'sigv4', region: 'eu-west-1', service: 'glue' })
    expect(rest('pyiceberg', facts)).toContain('"rest.signing-name": "glue"')
    expect(rest('curl', facts)).toContain("--aws-sigv4 'aws:amz:eu-west-1:glue'")
    expect(rest('trino', facts)).toContain('iceberg.rest-catalog.security=SIGV4')
  })

  it('for PyIceberg with a password is an auth of its own, for Java properties', () => {
    const facts = remote({ kind: 'basic' })
    expect(rest('pyiceberg', facts)).toContain('"auth": {"type": "basic"')
    expect(rest('pyiceberg', facts)).not.toContain('rest.auth.type')
    expect(rest('spark', facts)).toContain('rest.auth.basic.username')
  })

  it('reaches a namespace of several levels as each engine has it', () => {
    const deep = { catalog: 'local', namespace: ['sales', 'eu'], table: 'Orders' }
    expect(rest('pyiceberg', embedded, deep)).toContain('load_table(("sales", "eu", "Orders"))')
    expect(rest('spark', embedded, deep)).toContain('`local`.`sales`.`eu`.`Orders`')
    expect(rest('flink', embedded, deep)).toContain("'base-namespace' = 'sales'")
    expect(rest('flink', embedded, deep)).toContain('`local`.`eu`.`Orders`')
    expect(rest('duckdb', embedded, deep)).toMatch(/SUPPORT_NESTED_NAMESPACES true[^]*"local"\."sales\.eu"\."Orders"/)
    expect(rest('trino', embedded, deep)).toContain('nested-namespace-enabled=true')
    expect(rest('trino', embedded, deep)).toContain('case-insensitive-name-matching=true')
    expect(rest('curl', embedded, deep)).toContain('/v1/local/namespaces/sales%1Feu/tables/Orders')
  })

  it('asks a catalog for its prefix where only that knows it', () => {
    expect(rest('curl', remote({ kind: 'bearer' }))).toMatch(
      /v1\/config\?warehouse=sales'[^]*\$\{PREFIX:\+\$PREFIX\/\}/,
    )
    expect(rest('curl', remote({ kind: 'bearer' }, 'ws/1'))).toContain('/api/v1/ws/1/namespaces/demo')
  })
})

const odd = fc
  .string({
    unit: fc.constantFrom('a', '.', '/', '%', '\n', "'", '"', '`', '\\', '#', '=', 'é', '\u2028'),
    minLength: 1,
  })
  // As a part of an address these two mean a place, whoever reads it.
  .filter((name) => name !== '.' && name !== '..')
const oddTable = fc.record({
  catalog: fc.constant('local'),
  namespace: fc.array(odd, { minLength: 1, maxLength: 3 }),
  table: odd,
})

describe('No name, whatever it is,', () => {
  it('ends a line of the Trino file or adds a property to it', () => {
    fc.assert(
      fc.property(oddTable, (table) => {
        const lines = rest('trino', embedded, table).split(/[\n\r\u0085\u2028\u2029]/)
        expect(lines.filter((line) => !line.startsWith('#')).every((line) => /^[a-z0-9.-]+=[ -~]*$/.test(line))).toBe(
          true,
        )
        expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(2)
      }),
    )
  })

  it('leads curl to another address', () => {
    fc.assert(
      fc.property(oddTable, (table) => {
        const address = /'(https:.*)'$/.exec(rest('curl', embedded, table).replaceAll(`'\\''`, '%27'))?.[1] ?? ''
        const [, , , prefix, , namespace = '', , name = ''] = new URL(address).pathname.split('/')
        expect(prefix).toBe('local')
        expect(decodeURIComponent(namespace).split('\x1F')).toEqual(table.namespace)
        expect(decodeURIComponent(name)).toBe(table.table)
      }),
    )
  })
})
