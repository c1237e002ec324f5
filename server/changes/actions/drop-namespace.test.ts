import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import { MAX_DROPPED_WITH_NAMESPACE } from '@/lib/contract/lifecycle/namespaces'
import { AppError } from '@/lib/errors'
import { grantsOfRole } from '@/lib/permissions'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestClientAs, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { indexPending } from '@/server/search/index-loop'
import { dropNamespaceAction } from './drop-namespace'
import { listDroppedTables } from './restore'
import { reviewNamespaceDrop } from '@/testing/lifecycle/reviews'
import { dropNamespace, restoreTable } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const PROTECTED = { 'lakeshore.protected': 'true' }
const home = createTestHome()
const signal = new AbortController().signal
const context = { actor: ANN, signal, requestId: 'r1' }
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [] }
const VERSION = {
  versionId: 1,
  schemaId: 0,
  timestampMs: 0,
  summary: {},
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  representations: [{ type: 'sql' as const, sql: 'select 1', dialect: 'spark' }],
}

let listener: RestListener
let local: CatalogClient
let root: string
let roots = 0

beforeAll(async () => {
  local = await home.services.catalogs.open('local', ANN)
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'editor')
  const { userId, username } = await signInAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actorFor({ userId, username, role: 'admin' }) })
})
afterAll(() => listener.stop())
beforeEach(() => {
  roots += 1
  root = `r${roots}`
})
afterEach(() => {
  vi.restoreAllMocks()
})

const addTable = (below: readonly string[], table: string, properties = {}) =>
  local.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: [root, ...below], table },
    schema: SCHEMA,
    properties,
  })
const addView = (below: readonly string[], view: string, properties = {}) =>
  local.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: [root, ...below], view },
    schema: SCHEMA,
    version: VERSION,
    properties,
  })
const addNamespace = (below: readonly string[], properties = {}) =>
  local.write({ kind: 'create-namespace', namespace: [root, ...below], properties })
const review = (catalog: string, actor = ANN) =>
  reviewNamespaceDrop(home.services, { catalog, namespace: [root] }, { ...context, actor })
type Contents = Awaited<ReturnType<typeof review>>['contents']
const drop = (catalog: string, contents: Contents, actor = ANN) =>
  dropNamespace(home.services, { catalog, namespace: [root] }, { contents }, { ...context, actor, confirmedName: root })
const remaining = async () => (await review('local')).contents

/** A namespace with tables, views and namespaces, one of which exists only through its contents. */
async function addTree() {
  await addNamespace([])
  await addNamespace(['a', 'deep'])
  await addNamespace(['b'])
  await addTable([], 't')
  await addTable(['a', 'deep'], 'u')
  await addView(['a', 'deep'], 'v')
}
const TREE = () => [
  { namespace: [root], tables: ['t'], views: [] },
  { namespace: [root, 'a'], tables: [], views: [] },
  { namespace: [root, 'b'], tables: [], views: [] },
  { namespace: [root, 'a', 'deep'], tables: ['u'], views: ['v'] },
]

test('The review of a drop says so when a table disappears while it is read', async () => {
  await addTree()
  const loadTable = () => Promise.reject(new AppError('not-found', 'There is no table t.'))
  const catalog = { ...local, loadTable }
  const reviewing = { services: home.services, catalog, actor: ANN, signal }
  const { problem, show } = await dropNamespaceAction.review(reviewing, { catalog: 'local', namespace: [root] }, {})
  expect(problem).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('changed while') })
  expect((await show()).problems).toEqual([problem?.message])
})

test('The review of a drop names what uses the tables and views from outside, and nothing that goes with them', async () => {
  await addTree()
  const outside = `outside_${root}`
  await local.write({ kind: 'create-namespace', namespace: [outside], properties: {} })
  const reading = (sql: string) => ({ ...VERSION, representations: [{ type: 'sql' as const, sql, dialect: 'spark' }] })
  const write = (namespace: string[], view: string, sql: string) =>
    local.write({
      kind: 'create-view',
      view: { catalog: 'local', namespace, view },
      schema: SCHEMA,
      version: reading(sql),
      properties: {},
    })
  await write([outside], 'report', `select * from ${root}.t`)
  await write([root, 'b'], 'inner', `select * from ${root}.t`)
  await indexPending(home.services, signal)
  expect((await review('local')).readers).toEqual([`t: Used by 1 view: ${outside}.report.`])
})

describe.each(['local', 'mirror'])('A namespace of the catalog %s', (catalog) => {
  test('goes with the namespaces in it, as they were shown, and each drop is in the audit', async () => {
    await addTree()
    expect(await review(catalog)).toMatchObject({
      contents: TREE(),
      isTruncated: false,
      problems: [],
      policyBlockers: [],
    })
    await drop(catalog, TREE())
    await expect(local.loadNamespace([root])).rejects.toMatchObject({ code: 'not-found' })
    const entries = await listAudit(home.database, { limit: 100 })
    const done = entries.flatMap(({ action, table, namespace }) => {
      const on = table ?? namespace
      if (on?.catalog !== catalog || on.namespace[0] !== root || !action.startsWith('drop')) return []
      return [[action, ...on.namespace.slice(1), ...('table' in on ? [on.table] : [])].join(' ')]
    })
    expect(done.toReversed()).toEqual([
      'drop-view a deep v',
      'drop-table a deep u',
      'drop-namespace a deep',
      'drop-namespace b',
      'drop-table t',
      'drop-namespace',
    ])
  })

  test('stays with all in it when something else is in it than was shown', async () => {
    await addTree()
    await addTable(['b'], 'late')
    await expect(drop(catalog, TREE())).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await addNamespace(['b', 'later'])
    const late = TREE().map((one) => (one.namespace[1] === 'b' ? { ...one, tables: ['late'] } : one))
    await expect(drop(catalog, late)).rejects.toMatchObject({ code: 'namespace-not-empty' })
    expect(await remaining()).toEqual([...late, { namespace: [root, 'b', 'later'], tables: [], views: [] }])
  })

  test('stays with all in it while something in it is protected, all of which is named', async () => {
    await addTree()
    await addNamespace(['safe'], PROTECTED)
    await addTable(['a'], 'kept', PROTECTED)
    await addView([], 'held', PROTECTED)
    const { contents, problems } = await review(catalog)
    const message = 'Protected: held, a.kept, namespace safe. Set lakeshore.protected to false or remove it first.'
    expect(problems).toEqual([message])
    await expect(drop(catalog, contents)).rejects.toMatchObject({
      code: 'invalid-request',
      message: `${message} Nothing was dropped.`,
    })
    expect(await remaining()).toEqual(contents)
  })

  test('stays while it is protected itself, which its review says', async () => {
    await addNamespace([], PROTECTED)
    const { contents, problems } = await review(catalog)
    expect(problems).toEqual([expect.stringContaining(`Protected: namespace ${root}.`)])
    await expect(drop(catalog, contents)).rejects.toMatchObject({ code: 'invalid-request' })
    await local.write({ kind: 'update-namespace', namespace: [root], updates: {}, removals: ['lakeshore.protected'] })
    await drop(catalog, (await review(catalog)).contents)
    await expect(local.loadNamespace([root])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('stays where a policy of a namespace in it demands two people', async () => {
    await addTree()
    const on = { catalog, namespace: [root, 'a'] }
    await home.database.commit([setPolicyChange(on, { requiresProposal: true, by: 'ada' })])
    const { contents, problems, policyBlockers } = await review(catalog)
    expect(problems).toEqual([])
    expect(policyBlockers).toEqual([
      `Changes of tables and views in ${root}.a need two people. Propose it, so that another user can carry it out.`,
    ])
    await expect(drop(catalog, contents)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await remaining()).toEqual(TREE())
  })

  test('is not dropped by a viewer', async () => {
    await addTree()
    const viewer: Actor = { ...ANN, role: 'viewer', grants: grantsOfRole('viewer') }
    await expect(drop(catalog, TREE(), viewer)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await remaining()).toEqual(TREE())
  })

  test('names what went and what stayed when the catalog fails in the middle', async () => {
    await addTree()
    const opened = await home.services.catalogs.open(catalog, ANN)
    const { open } = home.services.catalogs
    const failing = beforeWrites(opened, 'drop-namespace', async ({ namespace }) => {
      if (namespace.at(-1) === 'b') throw new AppError('catalog-unavailable', 'The catalog is away.')
    })
    vi.spyOn(home.services.catalogs, 'open').mockImplementation(async (name, actor) =>
      name === catalog && actor === ANN ? failing : open.call(home.services.catalogs, name, actor),
    )
    await expect(drop(catalog, TREE())).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message:
        'Dropped: a.deep.v, a.deep.u, namespace a.deep. Not dropped: namespace b, because: The catalog is away. Not tried: namespace a, t. The namespace still exists.',
    })
    vi.restoreAllMocks()
    const left = await remaining()
    expect(left).toContainEqual({ namespace: [root], tables: ['t'], views: [] })
    expect(left).toContainEqual({ namespace: [root, 'b'], tables: [], views: [] })
    expect(left.flatMap(({ views }) => views)).toEqual([])
    // The rest is dropped after another review.
    await drop(catalog, left)
    await expect(local.loadNamespace([root])).rejects.toMatchObject({ code: 'not-found' })
  })

  test('does not say that it still exists when it is unknown whether it was the last to go', async () => {
    await addNamespace([])
    await addTable([], 't')
    const opened = await home.services.catalogs.open(catalog, ANN)
    const { open } = home.services.catalogs
    const failing = beforeWrites(opened, 'drop-namespace', async () => {
      throw new AppError('commit-state-unknown', 'The answer got lost.')
    })
    vi.spyOn(home.services.catalogs, 'open').mockImplementation(async (name, actor) =>
      name === catalog && actor === ANN ? failing : open.call(home.services.catalogs, name, actor),
    )
    await expect(drop(catalog, await remaining())).rejects.toMatchObject({
      code: 'commit-state-unknown',
      message: `Dropped: t. Not known: namespace ${root}, because: The answer got lost.`,
    })
  })

  test('with more in it than a drop takes along is not dropped, and the review says so', async () => {
    await addNamespace([])
    for (let i = 0; i <= MAX_DROPPED_WITH_NAMESPACE; i += 1) await addNamespace([`n${i}`])
    const { contents, isTruncated, problems } = await review(catalog)
    expect(contents).toHaveLength(MAX_DROPPED_WITH_NAMESPACE + 1)
    expect(isTruncated).toBe(true)
    expect(problems).toEqual([expect.stringContaining('this one contains more')])
    await expect(drop(catalog, contents)).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await local.loadNamespace([root, `n${MAX_DROPPED_WITH_NAMESPACE}`])
  })
})

test('a table of a namespace in a dropped one is restored once there is a namespace of its name', async () => {
  await addTree()
  const before = await local.loadTable({ catalog: 'local', namespace: [root, 'a', 'deep'], table: 'u' })
  await drop('local', TREE())
  const on = { catalog: 'local', namespace: [root, 'a', 'deep'] }
  const entries = await listAudit(home.database, { limit: 100 })
  const entry = entries.find(
    ({ action, table }) => action === 'drop-table' && table?.namespace[0] === root && table.table === 'u',
  )
  const auditId = entry?.id ?? ''
  await expect(restoreTable(home.services, on, { auditId, name: 'u' }, context)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining(`${root}.a.deep`),
  })
  await local.write({ kind: 'create-namespace', namespace: on.namespace, properties: {} })
  const { tables } = await listDroppedTables(home.services, on, context)
  expect(tables.map(({ table }) => table).toSorted()).toEqual(['u', 'v'])
  await restoreTable(home.services, on, { auditId, name: 'u' }, context)
  expect((await local.loadTable({ ...on, table: 'u' })).metadataLocation).toBe(before.metadataLocation)
})

test('an engine does not drop a protected namespace, also when it was protected after it was loaded', async () => {
  await addNamespace([], { 'lakeshore.protected': ' TRUE ' })
  const client = await createRestClientAs(home.services, 'editor')
  const reply = await client('DELETE', `local/namespaces/${root}`)
  expect(reply.status).toBe(400)
  expect(JSON.stringify(reply.body)).toContain(`Namespace ${root} is protected`)
  await local.write({
    kind: 'update-namespace',
    namespace: [root],
    updates: { 'lakeshore.protected': 'false' },
    removals: [],
  })
  const { database } = home.services
  const { commit } = database
  database.commit = async (changes) => {
    Object.assign(database, { commit })
    await local.write({ kind: 'update-namespace', namespace: [root], updates: PROTECTED, removals: [] })
    return commit(changes)
  }
  await expect(local.write({ kind: 'drop-namespace', namespace: [root] })).rejects.toMatchObject({
    code: 'invalid-request',
    facts: { protected: 'lakeshore.protected' },
  })
  await local.write({ kind: 'update-namespace', namespace: [root], updates: {}, removals: ['lakeshore.protected'] })
  expect((await client('DELETE', `local/namespaces/${root}`)).status).toBe(204)
})
