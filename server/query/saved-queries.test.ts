import { beforeAll, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { insertConnection, newConnectionId } from '@/server/db/catalog/connections'
import { findUser } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import { change } from '@/server/db/statement'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { findQueries } from '@/server/search/found-queries'
import { NamedTablesCache, readNamedTables } from './named-tables'
import {
  changeQuery,
  listVisibleQueries,
  listVisibleVersions,
  readQuery,
  readQueryVersion,
  removeQuery,
  saveQuery,
} from './saved-queries'

const home = createTestHome()
let database: Database
beforeAll(() => {
  database = home.database
})

async function createActor(role: Role) {
  const { userId } = await signInAs(home.services, role)
  const user = await findUser(database, userId)
  if (!user) throw new Error('no such user')
  return actorFor(user)
}

const FORM = { name: 'Delays', sql: 'select 1', isShared: false }

it('Saved queries are private until they are shared', async () => {
  const [owner, reader] = [await createActor('viewer'), await createActor('viewer')]
  const { queryId, version } = await saveQuery(home.services, owner, FORM)
  // A query is not in Explore, and is never renamed away from its id.
  const facts = expect.objectContaining({
    hint: expect.stringMatching(/Ask the user who shared it which tables it reads/),
  })
  const message = 'There is no such query, or you may not read what it names.'
  const notFound = expect.objectContaining({ code: 'not-found', message, facts })
  await expect(readQuery(home.services, reader, queryId)).rejects.toEqual(notFound)
  await expect(changeQuery(home.services, reader, queryId, { ...FORM, version })).rejects.toEqual(notFound)
  await expect(removeQuery(home.services, reader, queryId)).rejects.toEqual(notFound)
  expect((await listVisibleQueries(home.services, reader, {})).queries).toEqual([])

  await changeQuery(home.services, owner, queryId, { ...FORM, isShared: true, version })
  expect(await readQuery(home.services, reader, queryId)).toMatchObject({
    sql: 'select 1',
    isOwn: false,
    canChange: false,
  })
  expect(await readQuery(home.services, owner, queryId)).toMatchObject({ isOwn: true, canChange: true, version: 2 })
})

it('A query in the team opens with the values of its parameters, which a change without any keeps', async () => {
  const [owner, reader] = [await createActor('viewer'), await createActor('viewer')]
  const parameters = [{ name: 'month', type: 'date', isList: false, text: '2001-06-01' }] as const
  const { queryId, version } = await saveQuery(home.services, owner, { ...FORM, isShared: true, parameters })
  expect((await readQuery(home.services, reader, queryId)).parameters).toEqual(parameters)
  const changed = await changeQuery(home.services, owner, queryId, { ...FORM, isShared: true, version })
  expect(changed.parameters).toEqual(parameters)
  const cleared = { ...FORM, isShared: true, version: changed.version, parameters: [] }
  expect((await changeQuery(home.services, owner, queryId, cleared)).parameters).toEqual([])
})

it('A query opens with its folder and the chart of its result', async () => {
  const owner = await createActor('viewer')
  const chart = { kind: 'bar' as const, x: 'origin', y: ['flights'], series: null, aggregation: null }
  const form = { ...FORM, folder: 'Delays by day', display: { view: 'both' as const, chart } }
  const { queryId } = await saveQuery(home.services, owner, form)
  expect(await readQuery(home.services, owner, queryId)).toMatchObject({ folder: form.folder, display: form.display })
  const listed = await listVisibleQueries(home.services, owner, {})
  expect(listed.queries[0]).toMatchObject({ queryId, folder: form.folder })
})

it('The versions of a query are read like queries: others see those that were shared and name tables that they may read', async () => {
  const { userId } = await signInAs(home.services, null)
  const on = { catalog: 'local', namespace: ['ours'] }
  const reader = actorFor({ userId, username: 'reader', role: null, roleGrants: [{ role: 'viewer', resource: on }] })
  const owner = await createActor('viewer')
  const { queryId } = await saveQuery(home.services, owner, { ...FORM, sql: 'select * from ours.draft' })
  const texts = ['select * from hr.payroll', 'select * from ours.open']
  for (const [i, sql] of texts.entries())
    await changeQuery(home.services, owner, queryId, { ...FORM, sql, isShared: true, version: i + 1 })

  const numbers = async (actor: typeof owner) =>
    (await listVisibleVersions(home.services, actor, queryId)).map(({ version }) => version)
  expect(await numbers(owner)).toEqual([3, 2, 1])
  expect(await numbers(reader)).toEqual([3])
  expect(await numbers(await createActor('admin'))).toEqual([3, 2])
  expect(await readQueryVersion(home.services, owner, queryId, 1)).toMatchObject({ sql: 'select * from ours.draft' })
  for (const version of [1, 2, 9])
    await expect(readQueryVersion(home.services, reader, queryId, version)).rejects.toMatchObject({ code: 'not-found' })
  const stranger = await createActor('viewer')
  await changeQuery(home.services, owner, queryId, { ...FORM, version: 3 })
  await expect(listVisibleVersions(home.services, stranger, queryId)).rejects.toMatchObject({ code: 'not-found' })
})

it('Shared queries are changed and removed by their owner and by admins only', async () => {
  const [owner, editor, admin] = [await createActor('viewer'), await createActor('editor'), await createActor('admin')]
  const { queryId, version } = await saveQuery(home.services, owner, { ...FORM, isShared: true })
  const forbidden = expect.objectContaining({ code: 'forbidden' })
  const change = { ...FORM, name: 'New', isShared: true, version }
  await expect(changeQuery(home.services, editor, queryId, change)).rejects.toEqual(forbidden)
  await expect(removeQuery(home.services, editor, queryId)).rejects.toEqual(forbidden)
  await expect(changeQuery(home.services, admin, queryId, { ...change, isShared: false })).rejects.toEqual(forbidden)
  expect(await changeQuery(home.services, admin, queryId, change)).toMatchObject({
    name: 'New',
    owner: owner.username,
    changedBy: admin.username,
  })
  await expect(changeQuery(home.services, owner, queryId, change)).rejects.toEqual(
    expect.objectContaining({ code: 'version-conflict' }),
  )
  await removeQuery(home.services, admin, queryId)
  await expect(readQuery(home.services, owner, queryId)).rejects.toEqual(expect.objectContaining({ code: 'not-found' }))
})

it('What is done to shared queries is in the audit, and private ones are not', async () => {
  const owner = await createActor('viewer')
  const entries = async () =>
    (await listAudit(database, { limit: 3 })).filter(({ actor }) => actor.userId === owner.userId)
  const { queryId, version } = await saveQuery(home.services, owner, FORM)
  expect(await entries()).toEqual([])
  const shared = await changeQuery(home.services, owner, queryId, { ...FORM, isShared: true, version }, 'r1')
  await changeQuery(home.services, owner, queryId, {
    ...FORM,
    sql: 'select 2',
    isShared: true,
    version: shared.version,
  })
  await removeQuery(home.services, owner, queryId)
  const query = { queryId, name: 'Delays', sql: 'select 2', isShared: true }
  expect(await entries()).toMatchObject([
    { action: 'remove-shared-query', before: { query }, after: null },
    { action: 'change-shared-query', before: { query: { ...query, sql: 'select 1' } }, after: { query } },
    { action: 'share-query', before: { query: { sql: null, isShared: false } }, requestId: 'r1' },
  ])
})

it('The list comes in pages of at most 200', async () => {
  const owner = await createActor('viewer')
  for (let i = 0; i < 3; i++) await saveQuery(home.services, owner, { ...FORM, name: `query ${i}` })
  const first = await listVisibleQueries(home.services, owner, { contains: 'QUERY', limit: 2 })
  expect(first.queries.map(({ name }) => name)).toEqual(['query 2', 'query 1'])
  const { queries, nextBefore } = await listVisibleQueries(home.services, owner, {
    contains: 'query',
    limit: 2,
    before: first.nextBefore ?? '',
  })
  expect(queries.map(({ name }) => name)).toEqual(['query 0'])
  expect(nextBefore).toBeNull()
  expect((await listVisibleQueries(home.services, owner, { limit: -5 })).queries).toHaveLength(1)
})

it('A shared query is shown to those who may read every table that it names, and counted for no other user', async () => {
  const { userId } = await signInAs(home.services, null)
  const on = { catalog: 'local', namespace: ['ours'], table: 'open' }
  const reader = actorFor({ userId, username: 'reader', role: null, roleGrants: [{ role: 'viewer', resource: on }] })
  const owner = await createActor('viewer')
  const share = async (sql: string) =>
    (await saveQuery(home.services, owner, { name: 'Payroll', sql, isShared: true })).queryId
  const hidden = [
    await share('select * from ours.hidden'),
    await share('select * from ours.open join local.theirs.t using (id)'),
    await share('select * from ours.open; select * from (select 1 from hr.payroll)'),
    await share('with open as (select * from hr.payroll) select * from open'),
    await share('select * from hr.payroll.snapshots'),
    await share('select * from "hr.payroll$files"'),
    await share("select * from '/etc/passwd'"),
    await share('select * from ours.open where id = $$ not closed'),
    await share('select * from `hr`.`payroll`'),
    await share('table hr.payroll'),
    await share('with a as (table hr.payroll) select * from a'),
    await share('insert into hr.payroll values (1)'),
    await share('merge into hr.payroll using ours.open on true'),
    await share("copy hr.payroll to 'x'"),
    await share('alter table hr.payroll add column x int'),
  ]
  const shown = [
    await share('select * from ours.open'),
    await share('select * from local.ours.open.snapshots'),
    await share('with t as (select 1 from ours.open) select * from t'),
  ]
  for (const queryId of hidden) {
    await expect(readQuery(home.services, reader, queryId)).rejects.toEqual(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(await readQuery(home.services, owner, queryId)).toMatchObject({ isOwn: true })
  }
  const listed = await listVisibleQueries(home.services, reader, { contains: 'payroll' })
  expect(listed.queries.map(({ queryId }) => queryId)).toEqual(shown.toReversed())
  expect(listed.matchCount).toBe(shown.length)
  const [first, second] = [
    await listVisibleQueries(home.services, reader, { contains: 'payroll', limit: 2 }),
    await listVisibleQueries(home.services, reader, { contains: 'payroll', before: shown[1] ?? '' }),
  ]
  expect(first.nextBefore).toBe(shown[1])
  expect(second.queries.map(({ queryId }) => queryId)).toEqual([shown[0]])
  expect(await findQueries(home.services, reader, 'payroll')).toHaveLength(shown.length)
})

it('A query is shown to the users who may read what it names, whatever the number of catalogs', async () => {
  const { userId } = await signInAs(home.services, null)
  const grantOn = (catalog: string) => ({ role: 'viewer' as const, resource: { catalog, namespace: ['trading'] } })
  const [near, far] = ['local', 'rem'].map((catalog) =>
    actorFor({ userId, username: 'reader', role: null, roleGrants: [grantOn(catalog)] }),
  )
  const owner = await createActor('viewer')
  if (!near || !far) throw new Error('no actors')
  const sql = 'select * from trading.trades'
  const form = { name: 'Trades', sql, isShared: true }
  const { queryId: nearId, connection } = await saveQuery(home.services, owner, form)
  expect(connection).toBe('local')
  const { queryId: farId } = await saveQuery(home.services, owner, { ...form, connection: 'rem' })
  /** As queries were before their connection was stored. */
  const { queryId: oldId } = await saveQuery(home.services, owner, form)
  const forget = change(({ db }) => db.updateTable('saved_queries').set({ connection: null }).where('id', '=', oldId))
  await database.commit([forget])
  const listed = async (actor: typeof owner) =>
    (await listVisibleQueries(home.services, actor, { contains: 'trading.trades' })).queries.map(
      ({ queryId }) => queryId,
    )
  expect(await listed(near)).toEqual([oldId, nearId])
  expect(await listed(far)).toEqual([farId])

  const admin = await createActor('admin')
  const connectionId = newConnectionId()
  const storage = { kind: 'local' as const, roots: ['file:///lake'] }
  const tables = [{ namespace: ['trading'], table: 'trades', metadataLocation: 'file:///lake/t' }]
  const settings = { kind: 'files' as const, tables, storage, mappings: [] }
  await insertConnection(database, { connectionId, name: 'rem', settings, sealed: {}, editedBy: admin.username }, [])
  expect(await listed(near)).toEqual([nearId])
  expect(await listed(far)).toEqual([farId])
  // Saved again, it says which one it means.
  await changeQuery(home.services, owner, oldId, { ...form, connection: 'local', version: 1 })
  expect(await listed(near)).toEqual([oldId, nearId])
  // A change without a connection keeps it, and each version has its own.
  await changeQuery(home.services, owner, farId, { ...form, name: 'Far trades', version: 1 })
  const moved = await changeQuery(home.services, owner, farId, { ...form, connection: 'local', version: 2 })
  expect(moved.connection).toBe('local')
  const versions = async (actor: typeof owner) =>
    (await listVisibleVersions(home.services, actor, farId)).map(({ version }) => version)
  expect(await versions(near)).toEqual([3])
  expect(await versions(owner)).toEqual([3, 2, 1])
  expect((await readQueryVersion(home.services, owner, farId, 2)).connection).toBe('rem')
})

it('A hidden query and a missing one are refused alike', async () => {
  const reader = await createActor('viewer')
  const owner = await createActor('viewer')
  const { queryId } = await saveQuery(home.services, owner, FORM)
  const refusalOf = async (id: string) => {
    const error: unknown = await readQuery(home.services, reader, id).catch((failure: unknown) => failure)
    if (!(error instanceof AppError)) throw error
    return { code: error.code, message: error.message, facts: error.facts }
  }
  expect(await refusalOf(queryId)).toEqual(await refusalOf('missing'))
})

it('The text of a shared query is read once for each of its versions, for all users', async () => {
  const on = { catalog: 'local', namespace: ['counted'] }
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async (username) => {
      const { userId } = await signInAs(home.services, null)
      return actorFor({ userId, username, role: null, roleGrants: [{ role: 'viewer', resource: on }] })
    }),
  )
  const owner = await createActor('editor')
  if (!first || !second) throw new Error('no users')
  const read: string[] = []
  const namedTables = new NamedTablesCache((sql) => {
    read.push(sql)
    return readNamedTables(sql)
  })
  const services = { ...home.services, namedTables }
  const readNow = () => read.splice(0).filter((sql) => sql.includes('counted.'))
  const shared: string[] = []
  for (let i = 0; i < 45; i += 1) {
    const form = { name: `counted ${i}`, sql: `select * from counted.t${i}`, isShared: true }
    shared.push((await saveQuery(services, owner, form)).queryId)
  }
  const list = async (actor: typeof first) =>
    (await listVisibleQueries(services, actor, { contains: 'counted', limit: 200 })).queries.map(
      (query) => query.queryId,
    )
  expect(await list(first)).toEqual(shared.toReversed())
  expect(readNow()).toHaveLength(45)
  expect(await list(first)).toEqual(shared.toReversed())
  expect(await list(second)).toEqual(shared.toReversed())
  expect(await list(owner)).toEqual(shared.toReversed())
  expect(read).toEqual([])

  const form = { name: 'counted 3', sql: 'select * from counted.t3, hidden.t', isShared: true, version: 1 }
  await changeQuery(services, owner, shared[3] ?? '', form)
  expect(await list(first)).toEqual(shared.toReversed().filter((id) => id !== shared[3]))
  expect(readNow()).toEqual([form.sql])
})

it('A token that is limited to a namespace has only those queries of its owner that name nothing else', async () => {
  const { userId } = await signInAs(home.services, 'admin')
  const user = { userId, username: 'boss', role: 'admin' as const }
  const boss = actorFor(user)
  const inside = actorFor({
    ...user,
    limit: { role: 'viewer', resource: { catalog: 'local', namespace: ['ours'] } },
  })
  const save = async (sql: string) =>
    (await saveQuery(home.services, boss, { name: 'Limited', sql, isShared: false })).queryId
  const [ours, theirs] = [await save('select * from local.ours.open'), await save('select * from local.hr.payroll')]
  const listed = await listVisibleQueries(home.services, inside, { contains: 'limited' })
  expect(listed.queries.map(({ queryId }) => queryId)).toEqual([ours])
  await expect(readQuery(home.services, inside, theirs)).rejects.toMatchObject({ code: 'not-found' })
  await expect(removeQuery(home.services, inside, theirs)).rejects.toMatchObject({ code: 'not-found' })
  expect(await readQuery(home.services, boss, theirs)).toMatchObject({ isOwn: true })
})
