import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { RestAccess } from '@/lib/contract/table/tables'
import { type ConnectFacts, SNIPPET_ENGINES, type SnippetEngine } from './snippet'
import { availableSnippets, snippetFor } from './snippet-for'

const flights = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const embedded: ConnectFacts = {
  catalogKind: 'embedded',
  catalogAccess: {
    rest: {
      uri: 'https://lake.example.com/iceberg',
      warehouse: 'local',
      prefix: 'local',
      signIn: { kind: 'bearer' },
      delegation: 'none',
    },
    database: { uri: 'sqlite:////lake/lakeshore.db', warehouse: 'file:///lake/warehouse' },
    s3: null,
  },
  location: 'file:///lake/warehouse/demo/flights',
  metadataLocation: 'file:///lake/warehouse/demo/flights/metadata/1.json',
}
const files: ConnectFacts = {
  ...embedded,
  catalogKind: 'files',
  catalogAccess: { rest: null, database: null, s3: null },
}
const remote = (
  signIn: RestAccess['signIn'],
  prefix: string | null = null,
  delegation: RestAccess['delegation'] = 'vended-credentials',
): ConnectFacts => ({
  ...embedded,
  catalogKind: 'rest',
  catalogAccess: {
    rest: { uri: 'https://catalog.example.com/api', warehouse: 'sales', prefix, signIn, delegation },
    database: null,
    s3: null,
  },
  location: 's3://bucket/flights',
})
const rest = (engine: SnippetEngine, facts: ConnectFacts, table = flights) =>
  snippetFor(engine, table, facts, 'rest')?.text ?? ''

describe('The snippet for an engine', () => {
  it('uses the catalog over REST first, the database file second, the metadata file last', () => {
    const describeOffer = (facts: ConnectFacts) =>
      availableSnippets(flights, facts).map(({ engine, methods: reaches }) => [engine, ...reaches])
    expect(describeOffer(embedded)).toEqual([
      ['pyiceberg', 'rest', 'database', 'metadata'],
      ['spark', 'rest', 'database'],
      ['trino', 'rest'],
      ['flink', 'rest'],
      ['duckdb', 'rest', 'metadata'],
      ['curl', 'rest'],
    ])
    expect(describeOffer(files)).toEqual([
      ['pyiceberg', 'metadata'],
      ['duckdb', 'metadata'],
    ])
  })

  it('leaves out engines that do not support the catalog’s sign-in', () => {
    const offered = (signIn: RestAccess['signIn']) =>
      availableSnippets(flights, remote(signIn)).map(({ engine }) => engine)
    expect(offered({ kind: 'none' })).toEqual([...SNIPPET_ENGINES])
    expect(offered({ kind: 'basic' })).not.toContain('trino')
    const bySigning = availableSnippets(flights, remote({ kind: 'sigv4', region: 'eu-west-1', service: 'glue' }))
    expect(bySigning.find(({ engine }) => engine === 'duckdb')?.methods).toEqual(['metadata'])
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

  it('signs as AWS requires', () => {
    const facts = remote({ kind: 'sigv4', region: 'eu-west-1', service: 'glue' })
    expect(rest('pyiceberg', facts)).toContain('"rest.signing-name": "glue"')
    expect(rest('curl', facts)).toContain("--aws-sigv4 'aws:amz:eu-west-1:glue'")
    expect(rest('trino', facts)).toContain('iceberg.rest-catalog.security=SIGV4')
  })

  it('uses PyIceberg’s own auth setting for a password, and properties for Java', () => {
    const facts = remote({ kind: 'basic' })
    expect(rest('pyiceberg', facts)).toContain('"auth": {"type": "basic"')
    expect(rest('pyiceberg', facts)).not.toContain('rest.auth.type')
    expect(rest('spark', facts)).toContain('rest.auth.basic.username')
  })

  it('reaches a namespace of several levels in the syntax of each engine', () => {
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

  it('requests the prefix from the catalog if only the catalog knows it', () => {
    expect(rest('curl', remote({ kind: 'bearer' }))).toMatch(
      /v1\/config\?warehouse=sales'[^]*\$\{PREFIX:\+\$PREFIX\/\}/,
    )
    expect(rest('curl', remote({ kind: 'bearer' }, 'ws/1'))).toContain('/api/v1/ws/1/namespaces/demo')
  })
})

describe('For a table in an S3 store', () => {
  const DELEGATION = 'header.X-Iceberg-Access-Delegation'
  const stored: ConnectFacts = {
    ...embedded,
    catalogAccess: {
      rest: embedded.catalogAccess.rest && { ...embedded.catalogAccess.rest, delegation: 'remote-signing' },
      database: { uri: 'sqlite:////lake/lakeshore.db', warehouse: 's3://lake/wh' },
      s3: { endpoint: 'http://s3.local:9000', region: 'eu', isPathStyle: true },
    },
    location: 's3://lake/wh/demo/flights',
    metadataLocation: 's3://lake/wh/demo/flights/metadata/1.json',
  }
  const snippetText = (engine: SnippetEngine, reach: 'rest' | 'database' | 'metadata') =>
    snippetFor(engine, flights, stored, reach)?.text ?? ''

  it.each(['pyiceberg', 'spark', 'flink'] as const)(
    'the embedded catalog is asked for signatures, not for keys: %s',
    (engine) => {
      expect(rest(engine, stored)).toMatch(new RegExp(`${DELEGATION}\\W+remote-signing`))
      expect(rest(engine, stored)).not.toMatch(/AWS_|keys of your own/)
      expect(rest(engine, embedded)).not.toContain(DELEGATION)
    },
  )

  it.each(['pyiceberg', 'spark', 'flink'] as const)(
    'another catalog is asked for the delegation of its connection only: %s',
    (engine) => {
      const from = (delegation: RestAccess['delegation']) => rest(engine, remote({ kind: 'bearer' }, null, delegation))
      expect(from('vended-credentials')).toMatch(new RegExp(`${DELEGATION}\\W+vended-credentials`))
      expect(from('remote-signing')).toMatch(new RegExp(`${DELEGATION}\\W+remote-signing`))
      expect(from('none')).not.toContain(DELEGATION)
      expect(from('none')).toMatch(/(#|--) Needs keys of your own[^]*s3\.endpoint/)
      expect(from('vended-credentials')).not.toContain('keys of your own')
    },
  )

  const withStore = (delegation: RestAccess['delegation'], signIn: RestAccess['signIn'] = { kind: 'bearer' }) => {
    const facts = remote(signIn, null, delegation)
    const { s3 } = stored.catalogAccess
    return { ...facts, catalogAccess: { ...facts.catalogAccess, s3 }, metadataLocation: stored.metadataLocation }
  }

  it.each([
    ['pyiceberg', ['"s3.endpoint": "http://s3.local:9000"', '"s3.region": "eu"']],
    ['spark', ['.s3.endpoint", "http://s3.local:9000"', '.client.region", "eu"', '.s3.path-style-access", "true"']],
    ['flink', [`'s3.endpoint' = 'http://s3.local:9000'`, `'client.region' = 'eu'`, `'s3.path-style-access' = 'true'`]],
    ['trino', ['s3.endpoint=http://s3.local:9000', 's3.region=eu', 's3.path-style-access=true']],
    ['duckdb', [`ENDPOINT 's3.local:9000'`, `REGION 'eu'`, `URL_STYLE 'path'`]],
  ] as const)('the store of a connection is included, but its keys are left to the user: %s', (engine, parts) => {
    const snippet = snippetFor(engine, flights, withStore('none'), 'rest')
    for (const part of parts) expect(snippet?.text).toContain(part)
    expect(`${snippet?.text}${snippet?.note}`).toContain('AWS_SECRET_ACCESS_KEY')
    expect(snippet?.text).not.toContain('needs its endpoint')
  })

  it.each(['pyiceberg', 'spark', 'flink'] as const)(
    'the store of a connection is left out when the catalog delegates file access: %s',
    (engine) => {
      for (const delegation of ['vended-credentials', 'remote-signing'] as const) {
        expect(rest(engine, withStore(delegation))).toBe(rest(engine, remote({ kind: 'bearer' }, null, delegation)))
      }
    },
  )

  it('Trino gets the region once, and a note about keys if the store is unknown', () => {
    const signed = rest('trino', withStore('none', { kind: 'sigv4', region: 'us', service: 'glue' }))
    expect(signed.match(/^s3\.region=.*$/gm)).toEqual(['s3.region=eu'])
    const unknownStore = snippetFor('trino', flights, remote({ kind: 'bearer' }, null, 'none'), 'rest')
    expect(unknownStore?.note).toContain('AWS_SECRET_ACCESS_KEY')
  })

  it('PyIceberg reads through s3fs and from one thread only if requests are signed', () => {
    expect(rest('pyiceberg', stored)).toMatch(
      /^# pip install "pyiceberg\[pyarrow,s3fs\]"[^]*PYICEBERG_MAX_WORKERS[^]*FsspecFileIO/,
    )
    expect(rest('pyiceberg', remote({ kind: 'bearer' }))).not.toMatch(/s3fs|MAX_WORKERS/)
  })

  it('Spark gets Iceberg’s AWS bundle, whichever the catalog', () => {
    for (const facts of [stored, remote({ kind: 'bearer' })]) {
      expect(rest('spark', facts)).toContain(',org.apache.iceberg:iceberg-aws-bundle:')
    }
    expect(rest('spark', embedded)).not.toContain('aws')
  })

  it('is reached without the catalog with the user’s own keys and the store’s endpoint', () => {
    for (const [engine, reach] of [
      ['pyiceberg', 'database'],
      ['pyiceberg', 'metadata'],
      ['spark', 'database'],
    ] as const) {
      const text = snippetText(engine, reach)
      expect(text).toMatch(/^# Needs keys of your own.*\n# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n/)
      expect(text).toContain('http://s3.local:9000')
      expect(snippetFor(engine, flights, embedded, reach)?.text).not.toMatch(/s3|AWS/)
    }
    expect(snippetText('spark', 'database')).toContain('"org.apache.iceberg.aws.s3.S3FileIO"')
  })

  it('is requested with the bucket in the host name if the store is configured so', () => {
    const at = (endpoint: string | null) => {
      const s3 = { endpoint, region: 'eu', isPathStyle: false }
      const facts = { ...stored, catalogAccess: { ...stored.catalogAccess, s3 } }
      return snippetFor('pyiceberg', flights, facts, 'database')?.text
    }
    expect(at('https://s3.example.com')).toContain('"s3.force-virtual-addressing": "true"')
    expect(at(null)).not.toMatch(/s3\.(endpoint|force)/)
  })
})

const oddFacts = fc
  .string({
    unit: fc.constantFrom('a', '.', '/', '%', '\n', "'", '"', '`', '\\', '#', '=', 'é', '\u2028'),
    minLength: 1,
  })
  // In a URL these two mean a path, for every reader.
  .filter((name) => name !== '.' && name !== '..')
const oddTable = fc.record({
  catalog: fc.constant('local'),
  namespace: fc.array(oddFacts, { minLength: 1, maxLength: 3 }),
  table: oddFacts,
})

it('writes notes in whole sentences', () => {
  const notes = availableSnippets(flights, embedded).flatMap(({ engine, methods }) =>
    methods.flatMap((method) => snippetFor(engine, flights, embedded, method)?.note ?? []),
  )
  expect(notes.length).toBeGreaterThan(2)
  for (const note of notes) expect(note).toMatch(/^[A-Z].*[.]$/)
})

describe('The snippet for Trino', () => {
  const lines = (facts: ConnectFacts, table = flights) => rest('trino', facts, table).split('\n')

  it('reads the files of this machine if the lake is on it', () => {
    expect(lines(embedded)).toEqual(expect.arrayContaining(['fs.native-local.enabled=true', 'local.location=/']))
    expect(snippetFor('trino', flights, embedded, 'rest')?.note).toContain('on the machine that Lakeshore runs on')
  })

  it('includes the store of the lake, which Trino does not take from the catalog, but no key', () => {
    const access = {
      ...embedded.catalogAccess,
      s3: { endpoint: 'http://s3.local:9000', region: 'eu', isPathStyle: true },
    }
    const stored = { ...embedded, location: 's3://lake/wh/demo/flights', catalogAccess: access }
    expect(lines(stored).filter((line) => /^(fs|s3|local)\./.test(line))).toEqual([
      'fs.native-s3.enabled=true',
      's3.endpoint=http://s3.local:9000',
      's3.region=eu',
      's3.path-style-access=true',
    ])
    expect(snippetFor('trino', flights, stored, 'rest')?.note).toContain('AWS_SECRET_ACCESS_KEY')
    const atAws = { ...access, s3: { endpoint: null, region: 'eu', isPathStyle: false } }
    expect(lines({ ...stored, catalogAccess: atAws }).filter((line) => line.startsWith('s3.'))).toEqual([
      's3.region=eu',
    ])
  })

  it('is the same file for all namespace levels of the embedded catalog', () => {
    const deep = { catalog: 'local', namespace: ['sales', 'eu'], table: 'orders' }
    expect(lines(embedded, deep).slice(0, -1)).toEqual(lines(embedded).slice(0, -1))
    // Another catalog may not support levels, and fail when nested namespaces are enabled.
    expect(rest('trino', remote({ kind: 'none' }))).not.toContain('nested-namespace-enabled')
    expect(rest('trino', remote({ kind: 'none' }), deep)).toContain('nested-namespace-enabled=true')
  })

  it('is missing if Trino has no name for the table', () => {
    for (const table of ['a$b', 'a@b']) expect(snippetFor('trino', { ...flights, table }, embedded, 'rest')).toBeNull()
    expect(snippetFor('trino', { ...flights, namespace: ['a.b'] }, embedded, 'rest')).toBeNull()
    expect(rest('trino', embedded, { ...flights, table: 'a.b' })).toContain('"local"."demo"."a.b"')
  })
})

describe('No name, whatever it contains,', () => {
  it('ends a line of the Trino file or adds a property to it', () => {
    fc.assert(
      fc.property(oddTable, (table) => {
        fc.pre(table.namespace.every((level) => !level.includes('.')))
        const lines = rest('trino', embedded, table).split(/[\n\r\u0085\u2028\u2029]/)
        expect(lines.filter((line) => !line.startsWith('#')).every((line) => /^[a-z0-9.-]+=[ -~]*$/.test(line))).toBe(
          true,
        )
        expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(2)
      }),
      propertyRuns(),
    )
  })

  it('sends curl to another URL', () => {
    fc.assert(
      fc.property(oddTable, (table) => {
        const address = /'(https:.*)'$/.exec(rest('curl', embedded, table).replaceAll(`'\\''`, '%27'))?.[1] ?? ''
        const [, , , prefix, , namespace = '', , name = ''] = new URL(address).pathname.split('/')
        expect(prefix).toBe('local')
        expect(decodeURIComponent(namespace).split('\x1F')).toEqual(table.namespace)
        expect(decodeURIComponent(name)).toBe(table.table)
      }),
      propertyRuns(),
    )
  })
})
