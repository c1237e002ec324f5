import { beforeAll, describe, expect, it } from 'vitest'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { Intent } from '@/lib/changes/intents/intent'
import { commitIntents } from '@/server/changes/actions/change-table'
import * as proposals from '@/server/changes/proposals/proposals'
import { ensureSchedule } from '@/server/db/jobs/schedules'
import { saveQuery } from '@/server/query/saved-queries'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createView } from '@/testing/lifecycle/actions'
import { indexPending } from './index-loop'
import { readTableUses } from './table-uses'

const home = createTestHome()
const signal = new AbortController().signal
const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const field = (id: number, name: string) => ({ id, name, required: false, type: 'long' as const })
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [field(1, 'delay'), field(2, 'origin')] }
let admin: Actor
let queries = 0

const request = () => ({ actor: admin, signal, requestId: null, idempotencyKey: `key-of-a-use-${(queries += 1)}` })
const version = (sql: string, dialect = 'duckdb') => ({
  representations: [{ dialect, sql }],
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  schema: SCHEMA,
})
const addView = (view: string, sql: string, { dialect = 'duckdb', namespace = ['demo'] } = {}) =>
  createView(
    home.services,
    { catalog: 'local', namespace, view },
    { version: version(sql, dialect), properties: {} },
    request(),
  )
const read = async (actor = admin) => {
  const catalog = await home.services.catalogs.open('local', actor)
  return readTableUses(home.services, await catalog.loadTable(FLIGHTS), { actor, signal })
}
const found = async (actor = admin) =>
  (await read(actor)).uses.map(
    ({ kind, name, certainty, columns, via }) =>
      `${kind} ${name}: ${certainty} ${columns?.join(', ') ?? '*'}${via ? ` via ${via.name}` : ''}`,
  )
const withGrants = (...grants: Grant[]): Actor => ({ ...admin, userId: 'other', role: 'viewer', grants })

beforeAll(async () => {
  const { userId, username } = await signInAs(home.services, 'admin')
  admin = actorFor({ userId, username, role: 'admin' })
  const catalog = await openTestCatalog(home.services)
  for (const namespace of [['demo'], ['secret']])
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: FLIGHTS,
    schema: SCHEMA,
    properties: { [checkProperty('delays')]: 'SELECT delay FROM this_table WHERE delay < 0' },
  })
  for (const [table, sql] of [
    ['trips', 'SELECT 1 FROM this_table JOIN demo.flights f ON f.origin = 1'],
    ['alone', 'SELECT 1 FROM this_table'],
    ['viewed', 'SELECT 1 FROM this_table, demo.late'],
  ] as const)
    await catalog.write({
      kind: 'create-table',
      table: { ...FLIGHTS, table },
      schema: SCHEMA,
      properties: { [checkProperty('joined')]: sql },
    })
  await addView('late', 'SELECT delay FROM flights WHERE delay > 15')
  await addView('all', 'SELECT * FROM demo.flights', { dialect: 'spark' })
  await addView('elsewhere', 'SELECT * FROM demo.trips')
  await addView('unknown', 'SELECT UNNEST(x) FROM [demo].[flights]', { dialect: 'tsql' })
  await addView('late_origins', 'SELECT * FROM late')
  await addView('later', 'SELECT * FROM late_origins UNION SELECT * FROM circle')
  // Lakeshore refuses a view that reads itself; an engine may write one.
  await catalog.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: ['demo'], view: 'circle' },
    schema: SCHEMA,
    version: {
      versionId: 1,
      timestampMs: Date.now(),
      schemaId: 0,
      summary: {},
      representations: [{ type: 'sql', dialect: 'duckdb', sql: 'SELECT * FROM later' }],
      defaultCatalog: null,
      defaultNamespace: ['demo'],
    },
    properties: {},
  })
  await addView('hidden', 'SELECT origin FROM demo.flights', { namespace: ['secret'] })
  for (const [name, sql] of [
    ['By origin', 'select origin, count(*) from demo.flights group by 1'],
    ['Drops it', 'drop table demo.flights'],
    ['Trips', "select 'flights' from demo.trips"],
    ['Of a view', 'select * from demo.late_origins'],
    ['With secrets', 'select f.delay from demo.flights f, secret.codes'],
  ] as const)
    await saveQuery(home.services, admin, { name, sql, isShared: true })
  await saveQuery(home.services, admin, { name: 'My own', sql: 'select delay from demo.flights', isShared: false })
  await ensureSchedule(home.database, {
    id: 'nightly-flights',
    kind: 'rewrite-files',
    title: 'Nightly flights',
    spec: {},
    actor: { userId: 'u', username: 'u', role: 'admin' },
    table: FLIGHTS,
    cron: '0 2 * * *',
    timeZone: 'UTC',
    isEnabled: true,
    nextAtMs: null,
  } as never)
  const late = { catalog: 'local', namespace: ['demo'], view: 'elsewhere' }
  await proposals.propose(
    home.services,
    { kind: 'view', identifier: late },
    {
      action: {
        kind: 'change-view',
        edit: {
          kind: 'replace',
          baseVersionId: 1,
          retainedDialects: [],
          ...version('SELECT origin FROM flights'),
        } as never,
      },
      title: 'Read flights instead',
      note: '',
    },
    request(),
  )
  await proposals.propose(
    home.services,
    { kind: 'table', identifier: { ...FLIGHTS, table: 'alone' } },
    {
      action: {
        kind: 'change-table',
        intents: [
          {
            kind: 'set-property',
            key: checkProperty('new'),
            value: 'SELECT delay FROM demo.flights, this_table',
            base: null,
          },
        ],
      },
      title: 'Check the flights, too',
      note: '',
    },
    request(),
  )
  while ((await indexPending(home.services, signal)) > 0);
})

describe('What uses a table', () => {
  it('are views, checks, queries, schedules and proposals, with the columns that they name', async () => {
    expect(await found()).toEqual([
      'check delays: reads delay',
      'view all: reads *',
      'view late: reads delay',
      'view unknown: may-read *',
      'view hidden: reads origin',
      'view late_origins: reads delay via late',
      'view later: reads delay via late_origins',
      'view circle: reads delay via later',
      'check joined: reads origin',
      'check joined: reads delay via late',
      'query My own: reads delay',
      'query With secrets: reads delay',
      'query Drops it: may-read *',
      'query By origin: reads origin',
      'query Of a view: reads delay via late_origins',
      'schedule Nightly flights: reads *',
      'proposal Check the flights, too: reads delay',
      'proposal Read flights instead: reads origin',
    ])
    expect(await read()).toMatchObject({ isTruncated: false, missingCatalogs: [] })
  })

  it('ends after five views of views, and says so', async () => {
    const views = ['circle', 'd4', 'd5', 'd6']
    for (const [i, view] of views.slice(1).entries()) await addView(view, `SELECT * FROM ${views[i] ?? ''}`)
    while ((await indexPending(home.services, signal)) > 0);
    const listed = await found()
    expect(listed).toContain('view d4: reads delay via circle')
    expect(listed.join('\n')).not.toContain('view d5')
    expect((await read()).isTruncated).toBe(true)
  })

  it('leads to each of them', async () => {
    const { uses } = await read()
    const of = (name: string) => uses.find((use) => use.name === name)
    expect(of('late')).toMatchObject({ entry: { kind: 'view', namespace: ['demo'], name: 'late' }, id: null })
    expect(of('joined')).toMatchObject({ entry: { kind: 'table', namespace: ['demo'], name: 'trips' } })
    expect(of('By origin')).toMatchObject({ entry: null, id: expect.any(String), owner: admin.username })
    expect(of('Read flights instead')).toMatchObject({
      entry: { kind: 'view', name: 'elsewhere' },
      id: expect.any(String),
      owner: admin.username,
    })
  })

  it('is only what the user may read', async () => {
    const inDemo = withGrants({ permission: 'table:read', resource: { catalog: 'local', namespace: ['demo'] } })
    const names = (await found(inDemo)).join('\n')
    for (const shown of ['late', 'all', 'joined', 'By origin', 'Read flights instead']) expect(names).toContain(shown)
    for (const hidden of ['hidden', 'With secrets', 'My own', 'Drops it']) expect(names).not.toContain(hidden)
    const alone = withGrants({ permission: 'table:read', resource: FLIGHTS })
    expect(await found(alone)).toEqual([
      'check delays: reads delay',
      'query By origin: reads origin',
      'schedule Nightly flights: reads *',
    ])
  })

  it('name the former columns that are in their texts, since a rename may have broken them', async () => {
    const rename = { kind: 'rename-column', fieldId: 1, column: ['delay'], name: 'delay_min', movesProperties: false }
    await commitIntents(home.services, FLIGHTS, [rename as Intent], request())
    const { uses } = await read()
    const late = uses.find(({ kind, name }) => kind === 'view' && name === 'late')
    expect(late).toMatchObject({ certainty: 'reads', columns: [], formerColumns: ['delay'] })
    expect(uses.find(({ name }) => name === 'By origin')).toMatchObject({ columns: ['origin'], formerColumns: [] })
  })
})
