import { beforeAll, describe, expect, it } from 'vitest'
import { readViewColumns } from '@/lib/contract/lifecycle/views'
import { problem } from '@/lib/contract/shapes/problem'
import type { Type } from '@/lib/iceberg/schema/types'
import { joinNamespace } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createView } from '@/testing/lifecycle/actions'

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' })
let editor: SignedInUser
let viewer: SignedInUser
let guest: SignedInUser

beforeAll(async () => {
  editor = await signInAs(home.services, 'editor')
  viewer = await signInAs(home.services, 'viewer')
  guest = await signInAs(home.services, null)
  const actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') } as const
  const { signal } = new AbortController()
  const catalog = await home.services.catalogs.open('local', actor)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const field = (id: number, name: string, type: Type) => ({ id, name, required: false, type })
  const struct: Type = { type: 'struct', fields: [field(6, 'x', 'double')] }
  await catalog.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: ['demo'], table: 'trips' },
    schema: {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [
        field(1, 'id', 'long'),
        field(2, 'fare', 'decimal(9, 2)'),
        field(3, 'at', 'timestamptz'),
        field(4, 'day', 'date'),
        field(5, 'place', struct),
      ],
    },
  })
  await createView(
    home.services,
    { catalog: 'local', namespace: ['demo'], view: 'above' },
    {
      version: {
        representations: [{ dialect: 'spark', sql: 'SELECT * FROM fresh' }],
        defaultCatalog: null,
        defaultNamespace: ['demo'],
        schema: { schemaId: 0, identifierFieldIds: [], fields: [field(1, 'id', 'long')] },
      },
      properties: {},
    },
    { actor, signal, requestId: null, idempotencyKey: 'key-of-test-0001' },
  )
})

async function read(sql: string, { dialect = 'duckdb', user = editor, defaultNamespace = ['demo'] } = {}) {
  const handler = await loadRouteHandler(home.services, readViewColumns)
  const params = { catalog: 'local', namespace: joinNamespace(['demo']), view: 'fresh' }
  const response = await handler(
    new Request('http://127.0.0.1:3000/api/v1/catalogs/local/namespaces/demo/views/fresh/columns', {
      method: 'POST',
      headers: { cookie: user.cookie, origin: home.config.publicUrl, 'content-type': 'application/json' },
      body: JSON.stringify({ dialect, sql, defaultCatalog: null, defaultNamespace }),
    }),
    { params: Promise.resolve(params) },
  )
  const body: unknown = await response.json()
  return response.ok ? readViewColumns.output.parse(body) : problem.parse(body).code
}

const MISSING = /^The SQL names nope, but what it reads has no such column\.$/

describe('The columns of a view', () => {
  it('are those that its SQL returns, in Iceberg’s types, without a row', async () => {
    const columns = await read(
      'SELECT id, fare, "at", day, place, sum(id) AS total, count(*) AS n FROM trips GROUP BY ALL;',
    )
    if (typeof columns === 'string' || columns.outcome !== 'found') throw new Error(JSON.stringify(columns))
    expect(columns.fields.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'long'],
      ['fare', 'decimal(9, 2)'],
      ['at', 'timestamptz'],
      ['day', 'date'],
      ['place', { type: 'struct', fields: [{ id: 8, name: 'x', required: false, type: 'double' }] }],
      ['total', 'long'],
      ['n', 'long'],
    ])
    expect(new Set(columns.fields.map(({ id }) => id)).size).toBe(7)
    expect(columns.notes).toEqual(['total is HUGEINT in DuckDB, and long in other engines.'])
  })

  it.each([
    ['SQL that does not parse', 'SELECT id FROM trips WHERE', 'duckdb', 'refused', /syntax error/i],
    ['a column that is not there', 'SELECT nope FROM trips', 'duckdb', 'refused', MISSING],
    ['a column that no engine has', 'SELECT nope FROM trips', 'spark', 'refused', MISSING],
    ['a column of a table that no engine has', 'SELECT t.nope FROM trips t', 'trino', 'refused', MISSING],
    ['a field that no engine has', 'SELECT place.nope FROM trips', 'spark', 'refused', MISSING],
    ['a column with the names of its table', 'SELECT nested.trips.id FROM trips', 'spark', 'unknown', /^The SQL in/],
    ['a column that an engine may add', 'SELECT _metadata FROM trips', 'spark', 'unknown', /_metadata/],
    [
      'a value of another type',
      'SELECT id || upper(place) FROM trips',
      'spark',
      'unknown',
      /^The SQL in the dialect spark cannot be checked here: .*[^.!]\.$/,
    ],
    [
      'a wrong type in DuckDB',
      'SELECT upper(place) FROM trips',
      'duckdb',
      'refused',
      /^DuckDB does not accept the SQL: .*[^.!]\.$/,
    ],
    ['a table that is not there', 'SELECT 1 FROM nowhere', 'spark', 'refused', /^The SQL reads demo\.nowhere/],
    ['a view of itself', 'SELECT * FROM fresh', 'spark', 'refused', /reads itself/],
    ['a view of a view that reads it', 'SELECT * FROM above', 'trino', 'refused', /reads itself/],
    ['what is not a query', 'DROP TABLE trips', 'duckdb', 'refused', /begins with SELECT/],
    ['two statements', 'SELECT 1; SELECT 2', 'trino', 'refused', /several statements/],
    ['a function that may differ', 'SELECT date_format("at", \'%Y\') FROM trips', 'trino', 'unknown', /date_format/],
    ['a dialect that is not known here', 'SELECT 1', 'flink', 'unknown', /flink/],
  ])('are not known for %s', async (_case, sql, dialect, outcome, message) => {
    expect(await read(sql, { dialect })).toEqual({ outcome, message: expect.stringMatching(message) })
  })

  it('are for users who may propose a version, and for no other user', async () => {
    expect(await read('SELECT 1 AS one', { user: viewer })).toMatchObject({ outcome: 'found' })
    expect(await read('SELECT 1 AS one', { user: guest })).toBe('not-found')
  })
})
