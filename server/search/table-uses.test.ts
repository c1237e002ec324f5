import { beforeAll, describe, expect, it } from 'vitest'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { Intent } from '@/lib/changes/intents/intent'
import { commitIntents } from '@/server/changes/actions/change-table'
import { RECENT_DAYS } from '@/lib/uses/client-texts'
import * as proposals from '@/server/changes/proposals/proposals'
import { clientUseChanges, toUtcDay } from '@/server/db/catalog/table-clients'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import { createSchedule, ensureSchedule } from '@/server/db/jobs/schedules'
import { toScheduledSpec } from '@/server/ingest/saved-results/scheduled-result'
import { saveQuery } from '@/server/query/saved-queries'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createView, renameTable, renameView } from '@/testing/lifecycle/actions'
import { indexPending } from './index-loop'
import { readTableUses, readViewUses } from './table-uses'

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
    ['Misspelt', 'select delay frm demo.flights'],
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
  for (const [title, sql] of [
    ['Silver delays', 'SELECT delay FROM demo.flights'],
    ['Silver of late', 'SELECT * FROM demo.late_origins'],
    ['Silver trips', "SELECT 'flights' FROM demo.trips"],
  ] as const)
    await createSchedule(home.database, savedResult(title, sql), { hasNoLimit: true })
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

describe('What uses a view', () => {
  const LATE = { catalog: 'local', namespace: ['demo'], view: 'late' }
  const ofView = async (actor = admin) => {
    const catalog = await home.services.catalogs.open('local', actor)
    const { uses } = await readViewUses(home.services, await catalog.loadView(LATE), { actor, signal })
    return uses.map(
      ({ kind, name, columns, via }) =>
        `${kind} ${name}: ${columns?.join(', ') ?? '*'}${via ? ` via ${via.name}` : ''}`,
    )
  }

  it('are views, checks and queries, also through other views, as far as the user may read them', async () => {
    expect(await ofView()).toEqual([
      'view late_origins: *',
      'view later: * via late_origins',
      'view circle: * via later',
      'check joined: ',
      'query Of a view: * via late_origins',
      'schedule Silver of late: * via late_origins',
    ])
    expect(await ofView(withGrants({ permission: 'table:read', resource: { ...LATE, table: LATE.view } }))).toEqual([])
  })

  it('makes a rename ask for the typed name, which is not asked for where nothing uses the view', async () => {
    const to = { ...LATE, view: 'delayed' }
    await expect(renameView(home.services, LATE, to, request())).rejects.toMatchObject({
      code: 'invalid-request',
      message: '3 views, 1 check, 1 saved query, and 1 schedule use demo.late. To confirm, type demo.late.',
    })
    await renameView(home.services, LATE, to, { ...request(), confirmedName: 'demo.late' })
    await renameView(home.services, to, LATE, request())
    while ((await indexPending(home.services, signal)) > 0);
  })
})

/** A result that is saved in `demo.silver` again and again. */
function savedResult(title: string, sql: string): Parameters<typeof createSchedule>[1] {
  return {
    id: title,
    kind: 'save-result',
    title,
    spec: toScheduledSpec({
      query: { sql, cursor: 0, connection: 'local' },
      landing: APPEND_TO_MAIN,
      create: null,
      maxRejectedRows: 0,
      incremental: [],
    }),
    actor: { userId: admin.userId, username: admin.username, role: 'admin' },
    table: { ...FLIGHTS, table: 'silver' },
    ownerId: admin.userId,
    startsBy: 'hand',
    watchedTables: [],
    cron: '',
    timeZone: '',
    isEnabled: true,
    nextAtMs: null,
  }
}

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
      'query Misspelt: may-read *',
      'query Drops it: may-read *',
      'query By origin: reads origin',
      'query Of a view: reads delay via late_origins',
      'schedule Nightly flights: reads *',
      'schedule Silver delays: reads delay',
      'schedule Silver of late: reads delay via late_origins',
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
    expect(of('Silver delays')).toMatchObject({ entry: { kind: 'table', name: 'silver' }, owner: admin.username })
    expect(of('Nightly flights')).toMatchObject({ entry: null, owner: null })
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
    for (const hidden of ['hidden', 'With secrets', 'My own', 'Drops it', 'Misspelt'])
      expect(names).not.toContain(hidden)
    const alone = withGrants({ permission: 'table:read', resource: FLIGHTS })
    expect(await found(alone)).toEqual([
      'check delays: reads delay',
      'query By origin: reads origin',
      'schedule Nightly flights: reads *',
    ])
  })

  it('makes a rename or a move ask for the typed name, which is not asked for where nothing uses the table', async () => {
    const moved = { ...FLIGHTS, namespace: ['secret'] }
    await expect(renameTable(home.services, FLIGHTS, moved, request())).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/views, 3 checks, .* use demo.flights\. To confirm, type demo\.flights\.$/),
    })
    const typed = { ...request(), confirmedName: 'demo.flights' }
    await renameTable(home.services, FLIGHTS, moved, typed)
    await renameTable(home.services, moved, FLIGHTS, { ...request(), confirmedName: 'local.secret.flights' })
    const alone = { ...FLIGHTS, table: 'unread' }
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-table', table: alone, schema: SCHEMA })
    const { metadata } = await catalog.loadTable(alone)
    await renameTable(home.services, alone, { ...alone, table: 'unread_2' }, request())
    const client = { name: 'Spark', version: '4.0.1', library: null }
    const use = { tableUuid: metadata.tableUuid, client, access: 'read' as const }
    const today = toUtcDay(home.database.nowMs())
    await home.database.commit(clientUseChanges([{ ...use, day: today - RECENT_DAYS }]))
    await renameTable(home.services, { ...alone, table: 'unread_2' }, alone, request())
    await home.database.commit(clientUseChanges([{ ...use, day: today - RECENT_DAYS + 1 }]))
    const again = renameTable(home.services, alone, { ...alone, table: 'unread_2' }, request())
    await expect(again).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'A client used demo.unread in the last 30 days. To confirm, type demo.unread.',
    })
  })

  it('name the former columns that are in their texts, since a rename may have broken them', async () => {
    const rename = { kind: 'rename-column', fieldId: 1, column: ['delay'], name: 'delay_min', movesProperties: false }
    await commitIntents(home.services, FLIGHTS, [rename as Intent], request())
    for (const [name, sql] of [
      ['Alias', 'select origin, max(delay_min) as delay from demo.flights group by 1'],
      ['Alias of it', 'select origin, max(delay) as delay from demo.flights group by 1'],
      ['Unclear', 'select delay frm demo.flights'],
    ] as const)
      await saveQuery(home.services, admin, { name, sql, isShared: true })
    const { uses } = await read()
    const late = uses.find(({ kind, name }) => kind === 'view' && name === 'late')
    expect(late).toMatchObject({ certainty: 'reads', columns: [], formerColumns: ['delay'] })
    expect(uses.find(({ name }) => name === 'By origin')).toMatchObject({ columns: ['origin'], formerColumns: [] })
    expect(uses.find(({ name }) => name === 'Alias')).toMatchObject({
      columns: ['delay_min', 'origin'],
      formerColumns: [],
    })
    expect(uses.find(({ name }) => name === 'Alias of it')).toMatchObject({ formerColumns: ['delay'] })
    expect(uses.find(({ name }) => name === 'Unclear')).toMatchObject({
      certainty: 'may-read',
      formerColumns: ['delay'],
    })
  })
})
