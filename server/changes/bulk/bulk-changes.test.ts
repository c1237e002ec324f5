import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { z } from 'zod'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import {
  type BulkStep,
  getBulkChange,
  listBulkChangeTables,
  listSelectedTables,
  runBulkChange as runBulkChangeEndpoint,
  startBulkChange as startBulkChangeEndpoint,
  type TableSelection,
} from '@/lib/contract/bulk-changes'
import type { Endpoint } from '@/lib/contract/endpoint'
import { listWaitingProposals } from '@/lib/contract/proposals'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import type { Resource, Role, RoleGrant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { rawChange } from '@/testing/databases/test-sql'
import { listAudit, readAudit } from '@/server/db/audit-list'
import { findGrantOn, putGrantChanges } from '@/server/db/auth/grants'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import { clientUseChanges, toUtcDay } from '@/server/db/catalog/table-clients'
import { indexedCatalogChange, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import { saveIndexedObject, type TableSize } from '@/server/db/search/indexed-objects'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import { bulkTableChange } from '@/server/db/jobs/bulk-changes'
import { readLog } from '@/server/db/jobs/run-logs'
import { readRun, type Run } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { saveQuery } from '@/server/query/saved-queries'
import { indexPending } from '@/server/search/index-loop'
import { requestWith } from '@/testing/contract/request-with'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { runContext } from '@/testing/jobs/run-context'
import { createView } from '@/testing/lifecycle/actions'
import { commitIntents } from '../actions/change-table'
import { undoAction } from '../actions/undo'
import { carryOut } from '../pipeline/carry-out'
import { closeProposal, readWaitingProposals } from '../proposals/proposals'
import { readBulkValues } from './bulk-values'
import { changeTablesRuns, MAX_FAILURES_IN_A_ROW } from './bulk-run'
import { runBulkChange } from './queue-bulk-run'
import { readBulkChange, readBulkChangeTables } from './read-bulk-change'
import { readSelectedTables } from './selected-tables'
import { startBulkChange } from './start-bulk-change'
import { stopAndUndo } from './stop-and-undo'
import { stopBulkChange } from './stop-bulk-change'
import { readWaitingBulkProposals } from './waiting-bulk-proposals'

const home = createTestHome()
const signal = new AbortController().signal
const OWNER: BulkChange[] = [{ kind: 'set-property', key: 'owner', value: 'data-platform' }]

let local: CatalogClient
let edna: Actor
let vera: Actor
let root: string
let count = 0
let stop: AbortController
let loop: Promise<void> | null

const newKey = () => `key-of-bulk-changes-${(count += 1)}`
const requestOf = (actor: Actor) => ({ actor, signal, requestId: null, idempotencyKey: newKey() })

beforeAll(async () => {
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  vera = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
  local = await home.services.catalogs.open('local', edna)
})
beforeEach(async () => {
  root = `bulk${(count += 1)}`
  await addNamespace([root])
  stop = new AbortController()
  loop = null
})
afterEach(async () => {
  stop.abort()
  await loop
  vi.restoreAllMocks()
})

const addNamespace = (namespace: Namespace) => local.write({ kind: 'create-namespace', namespace, properties: {} })
const at = (table: string, namespace: Namespace = [root]): TableIdentifier => ({ catalog: 'local', namespace, table })
async function addTable(table: string, properties: Record<string, string> = {}, namespace: Namespace = [root]) {
  const schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
  }
  await local.write({ kind: 'create-table', table: at(table, namespace), schema, properties })
}
const addTables = async (tableCount: number) => {
  for (let i = 0; i < tableCount; i += 1) await addTable(`t${String(i).padStart(3, '0')}`)
}
const propertiesOf = async (table: string, namespace: Namespace = [root]) =>
  (await local.loadTable(at(table, namespace))).metadata.properties

async function start(
  changes: BulkChange[] = OWNER,
  {
    actor = edna,
    selection = { namespace: [root] },
    only,
  }: { actor?: Actor; selection?: TableSelection; only?: string[] } = {},
) {
  const { digest } = await readSelectedTables(home.services, 'local', selection, { actor, signal })
  const named = only?.map((table) => ({ namespace: [root], table }))
  const request = { catalog: 'local', selection, digest, only: named, changes }
  return startBulkChange(home.services, request, requestOf(actor))
}

function work() {
  const kinds = { 'change-tables': changeTablesRuns(home.services) }
  loop ??= runWorkerLoop(home.services, { kinds, concurrency: 2, signal: stop.signal, pollMs: 5, renewMs: 100 })
}

/**
 * Lets the worker open the catalog for some tables, and holds it at each further one until the tables are released: the
 * worker would otherwise finish all of them on a machine that is busy with other tests.
 */
function holdAfter(tableCount: number): () => void {
  const { catalogs } = home.services
  const open = catalogs.open.bind(catalogs)
  const held = Promise.withResolvers<void>()
  let openedCount = 0
  const spy = vi.spyOn(catalogs, 'open').mockImplementation(async (...opened) => {
    openedCount += 1
    if (openedCount > tableCount) await held.promise
    return open(...opened)
  })
  return () => {
    spy.mockRestore()
    held.resolve()
  }
}

/** Works until the newest run of the change has ended. */
async function finish(bulkChangeId: string, actor = edna): Promise<Run> {
  work()
  const { run } = await readBulkChange(home.database, { catalog: 'local', bulkChangeId }, actor)
  if (run === null) throw new Error('It has no run.')
  return followRun(home.database, run.id, { signal, onProgress: () => {}, pollMs: 5 })
}
async function run(
  bulkChangeId: string,
  step: BulkStep,
  {
    actor = edna,
    title,
    ...more
  }: { actor?: Actor; title?: string; isContinued?: boolean; confirmation?: string } = {},
) {
  const proposal = title === undefined ? undefined : { title, note: '' }
  await runBulkChange(home.services, { catalog: 'local', bulkChangeId }, { step, proposal, ...more }, requestOf(actor))
  return finish(bulkChangeId, actor)
}
const countsOf = async (bulkChangeId: string, actor = edna) =>
  (await readBulkChange(home.database, { catalog: 'local', bulkChangeId }, actor)).counts
const tablesOf = async (bulkChangeId: string, filter = {}) =>
  (await readBulkChangeTables(home.database, { catalog: 'local', bulkChangeId }, filter, edna)).tables

describe('A selection', () => {
  test('finds a table behind any number of others, in namespaces below it, and only what the user may read', async () => {
    await addNamespace([root, 'inner'])
    await addTables(120)
    await addTable('t119', {}, [root, 'inner'])
    const named = async (selection: TableSelection, actor = edna) =>
      (await readSelectedTables(home.services, 'local', selection, { actor, signal })).tables.map(
        ({ namespace, table }) => [...namespace, table].join('.'),
      )
    expect(await named({ namespace: [root], search: 'T119' })).toEqual([`${root}.inner.t119`, `${root}.t119`])
    expect(await named({ namespace: [root], search: 't119', depth: 'direct' })).toEqual([`${root}.t119`])
    expect(await named({ search: `${root} t119` }), 'the whole catalog').toHaveLength(2)
    const user = await signInAs(home.services, null)
    const resource = at('t119')
    await home.database.commit(
      putGrantChanges({
        grantId: newKey(),
        holder: { kind: 'user', id: user.userId },
        role: 'viewer',
        resource,
        createdBy: 'a test',
      }),
    )
    const one = actorFor({ ...user, role: null, roleGrants: [{ role: 'viewer', resource }] })
    expect(await named({ namespace: [root] }, one)).toEqual([`${root}.t119`])
  })

  test('by owner, tag and property finds what search has, and not the tags of columns', async () => {
    await addTable('mine', { owner: 'Ada', 'lakeshore.tags': 'pii, raw', 'write.parquet.compression-codec': 'gzip' })
    await addTable('other', { owner: 'ada b', 'lakeshore.column.1.tags': 'pii' })
    await home.database.commit([indexedCatalogChange({ catalog: 'local', source: 'embedded', isTruncated: false })])
    while ((await indexPending(home.services, signal)) > 0);
    const named = async (selection: TableSelection) =>
      (
        await readSelectedTables(home.services, 'local', { namespace: [root], ...selection }, { actor: edna, signal })
      ).tables.map(({ table }) => table)
    expect(await named({ owner: 'ada' })).toEqual(['mine'])
    expect(await named({ tag: 'PII' })).toEqual(['mine'])
    expect(await named({ property: 'write.parquet.compression-codec=gzip' })).toEqual(['mine'])
    expect(await named({ property: 'write.parquet.compression-codec=snappy' })).toEqual([])
    expect(await named({ owner: 'ada', search: 'other' })).toEqual([])
  })

  test('by size and number of files lists what the index knows, and counts the tables whose size it does not know', async () => {
    for (const table of ['small', 'large', 'unknown', 'empty']) await addTable(table)
    await home.database.commit([indexedCatalogChange({ catalog: 'local', source: 'embedded', isTruncated: false })])
    while ((await indexPending(home.services, signal)) > 0);
    const save = async (name: string, size: TableSize) => {
      const object = { catalog: 'local', namespace: [root], name, version: 1 }
      await home.database.commit([pendingObjectChange(object, { version: 1 })])
      const indexed = { kind: 'table', metadataLocation: 'm', changedAtMs: 1, entries: [], isTruncated: false } as const
      await saveIndexedObject(home.database, object, { ...indexed, size })
    }
    await save('small', { liveBytes: 1_000, dataFileCount: 3 })
    await save('large', { liveBytes: 5_000_000_000, dataFileCount: 80 })
    await save('unknown', { liveBytes: null, dataFileCount: 80 })
    const select = async (selection: TableSelection) => {
      const list = await readSelectedTables(
        home.services,
        'local',
        { namespace: [root], ...selection },
        { actor: edna, signal },
      )
      return { names: list.tables.map(({ table }) => table), unknownSizeCount: list.unknownSizeCount }
    }
    expect(await select({ minBytes: 1_001 })).toEqual({ names: ['large'], unknownSizeCount: 1 })
    expect(await select({ maxBytes: 1_000 }), 'a table without a snapshot has no bytes').toEqual({
      names: ['empty', 'small'],
      unknownSizeCount: 1,
    })
    expect(await select({ minFiles: 80 })).toEqual({ names: ['large', 'unknown'], unknownSizeCount: 0 })
    expect(await select({ minBytes: 1, maxFiles: 3 }), 'its files alone decide').toEqual({
      names: ['small'],
      unknownSizeCount: 0,
    })
    expect(await select({ search: 'small', minBytes: 1 })).toEqual({ names: ['small'], unknownSizeCount: 0 })
  })

  test('by an owner is refused while search has no index of the catalog', async () => {
    await removeIndexedCatalog(home.database, 'local')
    await expect(
      readSelectedTables(home.services, 'local', { owner: 'ada' }, { actor: edna, signal }),
    ).rejects.toMatchObject({ code: 'not-supported' })
  })
})

describe('Over HTTP', () => {
  test('a change is started from the listed tables, and its page has its conditions, counts and results', async () => {
    await addTables(2)
    const { cookie } = await signInAs(home.services, 'editor')
    const send = async <Output>(endpoint: Endpoint<z.ZodObject, z.ZodType<Output>>, input: Record<string, unknown>) => {
      const { request, params } = requestWith(endpoint, input, cookie)
      const route = await loadRouteHandler(home.services, endpoint)
      const response = await route(request, { params: Promise.resolve(params) })
      expect(response.status).toBe(200)
      return endpoint.output.parse(await response.json())
    }
    const selection = { namespace: root, search: 't00' }
    const { digest, totalCount } = await send(listSelectedTables, { catalog: 'local', ...selection })
    expect(totalCount).toBe(2)
    const start = { catalog: 'local', selection, digest, changes: OWNER, idempotencyKey: newKey() }
    const { bulkChangeId } = await send(startBulkChangeEndpoint, start)
    expect(await send(startBulkChangeEndpoint, start), 'a repeated request').toEqual({ bulkChangeId })
    const on = { catalog: 'local', bulkChangeId }
    expect(await send(getBulkChange, on)).toMatchObject({
      selection: { namespace: [root], search: 't00' },
      changes: OWNER,
      counts: { waiting: 2, changed: 0 },
      run: { state: 'queued', bulkChange: on, canChange: true },
      step: 'preview',
      canRun: true,
    })
    work()
    await vi.waitUntil(async () => (await send(getBulkChange, on)).counts.ready === 2, { timeout: 60_000 })
    expect((await send(listBulkChangeTables, { ...on, search: 't001' })).tables).toMatchObject([
      { namespace: [root], table: 't001', values: [{ key: 'owner', before: null, after: 'data-platform' }] },
    ])
    const ended = () => send(getBulkChange, on).then(({ run: newest }) => newest?.finishedAtMs !== null)
    await vi.waitUntil(ended, { timeout: 60_000 })
    await send(runBulkChangeEndpoint, { ...on, step: 'write', idempotencyKey: newKey() })
    await vi.waitUntil(async () => (await send(getBulkChange, on)).counts.changed === 2, { timeout: 60_000 })
  })
})

describe('A change of many tables', () => {
  test('previews each table, changes those that differ, and leaves one entry of the audit with the counts', async () => {
    await addTables(3)
    await addTable('has-it', { owner: 'data-platform' })
    const id = await start()
    expect(await finish(id)).toMatchObject({
      state: 'succeeded',
      outcome: { tableCount: 4, readyCount: 3, unchangedCount: 1 },
    })
    expect(await countsOf(id)).toEqual({ ready: 3, unchanged: 1 })
    expect(await propertiesOf('t000'), 'a preview changes nothing').not.toHaveProperty('owner')
    const ended = await run(id, 'write')
    expect(ended.state).toBe('succeeded')
    expect(ended.outcome, 'only the tables that this run took').toEqual({ tableCount: 3, changedCount: 3 })
    expect(await propertiesOf('t002')).toMatchObject({ owner: 'data-platform' })
    const entries = await listAudit(home.database, { limit: 50 })
    expect(
      entries.filter(({ action, after }) => action === 'change-tables' && after?.run?.id === ended.id),
    ).toMatchObject([{ after: { bulkChange: { bulkChangeId: id, counts: { tableCount: 3, changedCount: 3 } } } }])
    const [changed] = await tablesOf(id, { state: 'changed', search: 't001' })
    const own = entries.find(({ id: auditId }) => auditId === changed?.auditId)
    expect(own).toMatchObject({ action: 'set-properties', table: at('t001'), actor: { username: edna.username } })
  })

  test('counts the values that the tables had before, for users who may read them', async () => {
    const owners = [undefined, 'a', 'a', 'b', 'c', 'd', 'e', 'f', 'data-platform']
    for (const [index, owner] of owners.entries()) await addTable(`t${index}`, owner === undefined ? {} : { owner })
    const id = await start([...OWNER, { kind: 'remove-property', key: 'team' }, { kind: 'add-tag', tag: 'pii' }])
    await finish(id)
    const on = { catalog: 'local', bulkChangeId: id }
    const values = await readBulkValues(home.database, on, edna)
    expect(values).toMatchObject([
      { key: 'owner', after: 'data-platform', otherCount: 2, unchangedCount: 1 },
      { key: 'team', after: null, before: [], otherCount: 0, unchangedCount: 9 },
    ])
    expect(values[0]?.before).toHaveLength(5)
    expect(values[0]?.before[0]).toEqual({ value: 'a', tableCount: 2 })
    await run(id, 'write')
    expect(await readBulkValues(home.database, on, edna), 'they are those before the change').toEqual(values)
    const user = await signInAs(home.services, null)
    const roleGrants = [{ role: 'viewer' as const, resource: at('t1') }]
    expect(await readBulkValues(home.database, on, actorFor({ ...user, role: null, roleGrants }))).toMatchObject([
      { before: [{ value: 'a', tableCount: 1 }], unchangedCount: 0 },
      { unchangedCount: 1 },
    ])
  })

  test('changes only the chosen tables, and no other list than the caller saw', async () => {
    await addTables(3)
    const { digest } = await readSelectedTables(home.services, 'local', { namespace: [root] }, { actor: edna, signal })
    const only = await start(OWNER, { only: ['t001'] })
    await finish(only)
    expect(await countsOf(only)).toEqual({ ready: 1 })
    await addTable('late')
    const request = { catalog: 'local', selection: { namespace: [root] }, digest, changes: OWNER }
    await expect(startBulkChange(home.services, request, requestOf(edna))).rejects.toMatchObject({
      code: 'version-conflict',
    })
  })

  test('refuses a table that another user changed after the preview, and previews it again', async () => {
    await addTables(2)
    const id = await start()
    await finish(id)
    const other = { kind: 'set-property', key: 'owner', value: 'web', base: null } as const
    await commitIntents(home.services, at('t000'), [other], requestOf(edna))
    await run(id, 'write')
    expect(await countsOf(id)).toEqual({ changed: 1, failed: 1 })
    expect(await propertiesOf('t000')).toMatchObject({ owner: 'web' })
    await run(id, 'preview')
    expect((await tablesOf(id, { state: 'ready' }))[0]?.intents).toMatchObject([{ base: 'web' }])
    await run(id, 'write')
    expect(await countsOf(id)).toEqual({ changed: 2 })
  })

  test('that lost its worker between a commit and its record finds the commit, and makes no second one', async () => {
    await addTables(2)
    const id = await start()
    await finish(id)
    const first = await run(id, 'write')
    const [table] = await tablesOf(id, { search: 't000' })
    // As if the worker had been killed before it recorded the result.
    await home.database.commit([bulkTableChange({ bulkChangeId: id, position: 0 }, { state: 'ready', auditId: null })])
    const again = await readRun(home.database, first.id)
    if (again === null) throw new Error('The run is missing.')
    await changeTablesRuns(home.services).work(again, runContext(signal))
    expect((await tablesOf(id, { search: 't000' }))[0]).toMatchObject({ state: 'changed', auditId: table?.auditId })
    const { metadata } = await local.loadTable(at('t000'))
    const entries = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 10 })
    expect(entries.filter(({ action }) => action === 'set-properties')).toHaveLength(1)
  })

  test('is continued by another worker when its worker stops, and by another run when it is cancelled', async () => {
    await addTables(12)
    const id = await start()
    await finish(id)
    const on = { catalog: 'local', bulkChangeId: id }
    const write = async () => {
      await runBulkChange(home.services, on, { step: 'write' }, requestOf(edna))
      const { run: queued } = await readBulkChange(home.database, on, edna)
      if (queued === null) throw new Error('It has no run.')
      return queued
    }
    const untilSomeChanged = (least: number) =>
      vi.waitUntil(async () => ((await countsOf(id)).changed ?? 0) >= least, { timeout: 60_000, interval: 1 })

    const releaseFirst = holdAfter(1)
    const first = await write()
    await untilSomeChanged(1)
    stop.abort()
    releaseFirst()
    await loop
    const { changed: changedFirst = 0 } = await countsOf(id)
    expect(changedFirst).toBeLessThan(12)
    stop = new AbortController()
    loop = null
    const releaseSecond = holdAfter(2)
    work()
    await untilSomeChanged(changedFirst + 1)
    await cancelRun(home.database, first.id, { actor: edna, requestId: null })
    releaseSecond()
    const cancelled = await followRun(home.database, first.id, { signal, onProgress: () => {}, pollMs: 5 })
    const { changed = 0, ready = 0 } = await countsOf(id)
    expect([changed + ready, cancelled.state]).toEqual([12, 'cancelled'])
    expect(ready, 'no table was taken after the request').toBeGreaterThan(0)
    expect(cancelled.error?.detail, 'tables of its earlier attempt count').toBe(
      `The run was cancelled. ${changed} of 12 tables were changed; the others stay as they are.`,
    )
    await run(id, 'write')
    expect(await countsOf(id)).toEqual({ changed: 12 })
    for (const { table, auditId } of await tablesOf(id)) {
      const { metadata } = await local.loadTable(at(table))
      const entries = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 10 })
      expect(entries.filter(({ action }) => action === 'set-properties').map((entry) => entry.id)).toEqual([auditId])
    }
  })

  test('that is stopped leaves the tables that it did not reach, and no run continues with them', async () => {
    await addTables(12)
    const id = await start()
    await finish(id)
    const on = { catalog: 'local', bulkChangeId: id }
    await expect(stopBulkChange(home.database, on, requestOf(edna)), 'no run is open').rejects.toMatchObject({
      code: 'version-conflict',
    })
    stop.abort()
    await loop
    stop = new AbortController()
    loop = null
    await runBulkChange(home.services, on, { step: 'write' }, requestOf(edna))
    await expect(stopBulkChange(home.database, on, requestOf(vera))).rejects.toMatchObject({ code: 'forbidden' })
    const release = holdAfter(1)
    work()
    const isUnderWay = async () => ((await countsOf(id)).changed ?? 0) > 0
    await vi.waitUntil(isUnderWay, { timeout: 60_000, interval: 1 })
    await stopBulkChange(home.database, on, requestOf(edna))
    release()
    const ended = await finish(id)
    const { changed = 0, left = 0 } = await countsOf(id)
    expect([changed + left, ended.state]).toEqual([12, 'cancelled'])
    expect(left, 'no table was taken after the stop').toBeGreaterThan(0)
    expect(await countsOf(id)).not.toHaveProperty('ready')
    const reach = `${changed} of 12 tables ${changed === 1 ? 'was' : 'were'} changed; the others stay as they are.`
    expect(ended.error?.detail).toBe(`The run was cancelled. ${reach}`)
    // The worker writes the last lines after the run has ended.
    const hasLine = async () => (await readLog(home.database, ended.id, 0, 100)).some(({ text }) => text === reach)
    await vi.waitUntil(hasLine, { timeout: 60_000, interval: 1 })
    const entries = await listAudit(home.database, { limit: 50 })
    const counts = { tableCount: 12, changedCount: changed, leftCount: left }
    expect(
      entries.filter(({ action, after }) => action === 'change-tables' && after?.run?.id === ended.id),
      'the audit says what was left',
    ).toMatchObject([{ after: { bulkChange: { counts } } }])
    await expect(run(id, 'write', { isContinued: true })).rejects.toThrow(/no table left/)
    await run(id, 'preview')
    expect(await countsOf(id)).toEqual({ changed, ready: left })
  })

  test('that is stopped and undone in one step finishes the tables under way, and undoes them with the others', async () => {
    await addTables(12)
    const id = await start()
    await finish(id)
    const on = { catalog: 'local', bulkChangeId: id }
    await runBulkChange(home.services, on, { step: 'write' }, requestOf(edna))
    const { run: written } = await readBulkChange(home.database, on, edna)
    const release = holdAfter(2)
    await vi.waitUntil(async () => ((await countsOf(id)).changed ?? 0) > 0, { timeout: 60_000, interval: 1 })
    await expect(stopAndUndo(home.services, on, requestOf(vera))).rejects.toMatchObject({ code: 'forbidden' })
    const request = requestOf(edna)
    const undoId = await stopAndUndo(home.services, on, request)
    expect(await stopAndUndo(home.services, on, request), 'a repeated request').toBe(undoId)
    await expect(run(id, 'undo'), 'another one').rejects.toThrow(/has not ended yet/)
    expect(await readRun(home.database, undoId)).toMatchObject({
      state: 'queued',
      title: 'Undo changes of tables in local',
    })
    // The worker stops with tables under way, and another one finishes the step.
    stop.abort()
    release()
    await loop
    stop = new AbortController()
    loop = null
    expect(await finish(id)).toMatchObject({ id: undoId, state: 'succeeded' })
    const { undone = 0, left = 0 } = await countsOf(id)
    expect(undone + left).toBe(12)
    expect(undone).toBeGreaterThan(0)
    expect(left, 'no table was taken after the stop').toBeGreaterThan(0)
    for (const { table } of await tablesOf(id)) expect(await propertiesOf(table)).not.toHaveProperty('owner')
    const ofRuns = (await listAudit(home.database, { limit: 100 }))
      .filter(({ after }) => after?.run?.id === written?.id || after?.run?.id === undoId)
      .map(({ action, after }) => [action, after?.bulkChange?.counts])
    expect(ofRuns.toReversed()).toEqual([
      ['start-run', undefined],
      ['cancel-run', undefined],
      ['start-run', undefined],
      ['change-tables', { tableCount: 12, changedCount: undone, leftCount: left }],
      ['undo-change-of-tables', { tableCount: undone, undoneCount: undone }],
    ])
  })

  test('that lost its worker after a commit and was stopped and undone finds the commit', async () => {
    await addTables(2)
    const id = await start()
    await finish(id)
    await run(id, 'write')
    stop.abort()
    await loop
    stop = new AbortController()
    loop = null
    const on = { catalog: 'local', bulkChangeId: id }
    // As if the worker had been lost before it recorded the commit of the second table.
    const ready = { state: 'ready', auditId: null } as const
    await home.database.commit([bulkTableChange({ bulkChangeId: id, position: 1 }, ready)])
    await runBulkChange(home.services, on, { step: 'write' }, requestOf(edna))
    await stopAndUndo(home.services, on, requestOf(edna))
    await finish(id)
    expect(await countsOf(id)).toEqual({ undone: 2 })
    expect(await propertiesOf('t001')).not.toHaveProperty('owner')
  })

  test('is stopped and undone only while it writes, and undone like any other after its end', async () => {
    await addTables(1)
    stop.abort()
    const id = await start()
    const on = { catalog: 'local', bulkChangeId: id }
    await expect(stopAndUndo(home.services, on, requestOf(edna)), 'a preview').rejects.toThrow(/does not write/)
    stop = new AbortController()
    await finish(id)
    await run(id, 'write')
    await stopAndUndo(home.services, on, requestOf(edna))
    expect(await finish(id)).toMatchObject({ state: 'succeeded', title: 'Undo changes of 1 table in local' })
    expect(await countsOf(id)).toEqual({ undone: 1 })
  })

  test('that is stopped while its pause is under way leaves the other tables, too', async () => {
    await addTables(2)
    const id = await start()
    const on = { catalog: 'local', bulkChangeId: id }
    await finish(id)
    stop.abort()
    await loop
    await runBulkChange(home.services, on, { step: 'write' }, requestOf(edna))
    // As a pause that its worker has not read yet.
    const pause = rawChange("UPDATE runs SET cancel_requested = 1 WHERE state = 'queued' AND exclusive_key = ?", [
      `change-tables ${id}`,
    ])
    await home.database.commit([pause])
    await stopBulkChange(home.database, on, requestOf(edna))
    expect(await countsOf(id)).toEqual({ left: 2 })
  })

  test('that lost its worker after a commit and was stopped finds the commit in another preview', async () => {
    await addTables(1)
    const id = await start()
    await finish(id)
    await run(id, 'write')
    const [table] = await tablesOf(id)
    await home.database.commit([bulkTableChange({ bulkChangeId: id, position: 0 }, { state: 'left', auditId: null })])
    await run(id, 'preview')
    expect(await tablesOf(id)).toMatchObject([{ state: 'changed', auditId: table?.auditId }])
    await run(id, 'undo')
    expect(await propertiesOf('t000')).not.toHaveProperty('owner')
  })

  test('whose undo is stopped before it begins stays changed, says so, and can be undone again', async () => {
    await addTables(2)
    const id = await start()
    await finish(id)
    await run(id, 'write')
    stop.abort()
    await loop
    stop = new AbortController()
    loop = null
    const on = { catalog: 'local', bulkChangeId: id }
    await runBulkChange(home.services, on, { step: 'undo' }, requestOf(edna))
    await stopBulkChange(home.database, on, requestOf(edna))
    expect(await countsOf(id)).toEqual({ 'not-undone': 2 })
    expect((await tablesOf(id))[0]?.problem).toMatch(/undo was stopped/)
    await run(id, 'undo')
    expect(await countsOf(id)).toEqual({ undone: 2 })
  })

  test('stops after 20 failures in a row, says so in the audit, and can be continued', async () => {
    await addTables(MAX_FAILURES_IN_A_ROW + 10)
    const id = await start()
    await finish(id)
    for (let i = 0; i < MAX_FAILURES_IN_A_ROW + 10; i += 1) {
      const table = at(`t${String(i).padStart(3, '0')}`)
      const other = { kind: 'set-property', key: 'owner', value: 'web', base: null } as const
      if (i < MAX_FAILURES_IN_A_ROW + 5) await commitIntents(home.services, table, [other], requestOf(edna))
    }
    const stopped = await run(id, 'write')
    expect(stopped).toMatchObject({
      state: 'failed',
      error: { detail: expect.stringMatching(/stopped after 20 failures/) },
    })
    const { failed = 0, ready = 0 } = await countsOf(id)
    // The other lane may have been at a table.
    expect(failed).toBeGreaterThanOrEqual(MAX_FAILURES_IN_A_ROW)
    expect(failed).toBeLessThanOrEqual(MAX_FAILURES_IN_A_ROW + 1)
    expect(failed + ready).toBe(MAX_FAILURES_IN_A_ROW + 10)
    const entries = await listAudit(home.database, { limit: 200 })
    expect(
      entries.filter(({ action, after }) => action === 'change-tables' && after?.run?.id === stopped.id),
    ).toHaveLength(1)
    expect((await run(id, 'write')).state).toBe('succeeded')
    expect(await countsOf(id)).toMatchObject({ changed: 5 })
  })

  test('proposes where two people are needed, or the user may only propose, under one title', async () => {
    await addTables(1)
    await addNamespace([root, 'held'])
    await addTable('h', {}, [root, 'held'])
    const policy = setPolicyChange(
      { catalog: 'local', namespace: [root, 'held'] },
      { requiresProposal: true, by: 'a test' },
    )
    await home.database.commit([policy])
    const id = await start()
    await finish(id)
    expect(await countsOf(id)).toEqual({ ready: 1, 'ready-to-propose': 1 })
    await expect(run(id, 'write')).rejects.toMatchObject({ code: 'invalid-request' })
    await run(id, 'write', { title: 'As agreed' })
    expect(await countsOf(id)).toEqual({ changed: 1, proposed: 1 })
    const [proposed] = await tablesOf(id, { state: 'proposed' })
    expect(await findProposal(home.database, proposed?.proposalId ?? '')).toMatchObject({
      title: 'As agreed',
      state: 'open',
    })

    const ofViewer = await start(OWNER, {
      actor: vera,
      selection: { namespace: [root], depth: 'direct', search: 't000' },
    })
    await finish(ofViewer, vera)
    expect(await countsOf(ofViewer, vera), 'it has the owner already').toEqual({ unchanged: 1 })
    await expect(
      runBulkChange(home.services, { catalog: 'local', bulkChangeId: id }, { step: 'undo' }, requestOf(vera)),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('is undone by another run, which leaves what was changed since and says why', async () => {
    await addTables(4)
    const id = await start([...OWNER, { kind: 'set-property', key: 'tier', value: 'gold' }])
    await finish(id)
    await run(id, 'write')
    await home.database.commit([
      rawChange("UPDATE bulk_change_tables SET state = 'failed' WHERE bulk_change_id = ? AND table_name = 't003'", [
        id,
      ]),
    ])
    const other = { kind: 'set-property', key: 'owner', value: 'web', base: 'data-platform' } as const
    await commitIntents(home.services, at('t001'), [other], requestOf(edna))
    const unrelated = { kind: 'set-property', key: 'team', value: 'x', base: null } as const
    await commitIntents(home.services, at('t002'), [unrelated], requestOf(edna))
    const undone = await run(id, 'undo')
    expect(undone).toMatchObject({ state: 'succeeded', title: 'Undo changes of 3 tables in local' })
    expect(undone.outcome, 'without the table that failed earlier').toEqual({
      tableCount: 3,
      undoneCount: 2,
      notUndoneCount: 1,
    })
    expect(await propertiesOf('t000')).not.toHaveProperty('owner')
    expect(await propertiesOf('t001')).toMatchObject({ owner: 'web', tier: 'gold' })
    expect(await propertiesOf('t002')).toEqual(expect.objectContaining({ team: 'x' }))
    expect(await propertiesOf('t002')).not.toHaveProperty('owner')
    expect((await tablesOf(id, { state: 'not-undone' }))[0]).toMatchObject({
      table: 't001',
      problem: expect.stringMatching(/owner.*\. Nothing that this change did to the table was undone\.$/),
    })
    const { changedCount } = await readBulkChange(home.database, { catalog: 'local', bulkChangeId: id }, edna)
    expect(changedCount, 'the table that keeps the other property').toBe(1)
    const entries = await listAudit(home.database, { limit: 50 })
    expect(entries.filter(({ action }) => action === 'undo-change-of-tables')).toHaveLength(1)
    expect((await run(id, 'undo')).outcome, 'another attempt').toEqual({ tableCount: 1, notUndoneCount: 1 })
  })

  test('counts a table that was undone in its history before as undone, and says so', async () => {
    await addTables(1)
    const id = await start()
    await finish(id)
    await run(id, 'write')
    const [{ auditId } = { auditId: null }] = await tablesOf(id)
    const input = { auditId: auditId ?? '', safetyTag: null }
    await carryOut(home.services, undoAction, { on: at('t000'), input }, requestOf(edna))
    await run(id, 'undo')
    const { counts, changedCount } = await readBulkChange(home.database, { catalog: 'local', bulkChangeId: id }, edna)
    expect([counts, changedCount]).toEqual([{ undone: 1 }, 0])
    expect((await tablesOf(id))[0]?.problem).toBe('It was already undone in its history.')
  })

  test('withdraws its open proposals when it is undone', async () => {
    await addTables(1)
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' }),
    ])
    const id = await start()
    await finish(id)
    await run(id, 'write', { title: 'As agreed' })
    const [proposed] = await tablesOf(id)
    await run(id, 'undo')
    expect(await countsOf(id)).toEqual({ undone: 1 })
    expect(await findProposal(home.database, proposed?.proposalId ?? '')).toMatchObject({ state: 'withdrawn' })
  })

  test('has its proposals committed by another user in one run, who cannot commit those of an own change', async () => {
    await addTables(3)
    const policy = setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' })
    await home.database.commit([policy])
    const id = await start()
    await finish(id)
    await run(id, 'write', { title: 'As agreed' })
    await expect(run(id, 'commit-proposals')).rejects.toMatchObject({ code: 'forbidden' })
    const on = { catalog: 'local', bulkChangeId: id }
    const eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
    expect((await readBulkChange(home.database, on, eric)).canCommitProposals).toBe(true)
    expect((await readBulkChange(home.database, on, vera)).canCommitProposals).toBe(false)
    const [first] = await tablesOf(id, { search: 't000' })
    const returned = { state: 'returned', comment: 'Not this one' } as const
    const entry = { kind: 'table', identifier: at('t000') } as const
    await closeProposal(home.services, entry, first?.proposalId ?? '', returned, requestOf(eric))
    const committed = await run(id, 'commit-proposals', { actor: eric })
    expect(await countsOf(id)).toEqual({ changed: 2, failed: 1 })
    expect((await tablesOf(id, { state: 'failed' }))[0]?.problem).toBe('Its proposal was returned: Not this one')
    await run(id, 'preview')
    expect(await countsOf(id)).toEqual({ changed: 2, 'ready-to-propose': 1 })
    await run(id, 'write', { title: 'As agreed' })
    const [again] = await tablesOf(id, { state: 'proposed' })
    expect(await findProposal(home.database, again?.proposalId ?? ''), 'not the one that was returned').toMatchObject({
      state: 'open',
    })
    const [changed] = await tablesOf(id, { search: 't001' })
    expect(await findProposal(home.database, changed?.proposalId ?? '')).toMatchObject({
      state: 'committed',
      decidedBy: eric.username,
      auditId: changed?.auditId,
    })
    const entries = await listAudit(home.database, { limit: 50 })
    expect(
      entries.filter(({ action, after }) => action === 'commit-proposals-of-tables' && after?.run?.id === committed.id),
    ).toHaveLength(1)
    await run(id, 'undo')
    // An undo needs two people as well.
    expect(await countsOf(id)).toEqual({ 'not-undone': 2, undone: 1 })
  })

  test('is one proposal in the lists of its user and of users who may commit it, whatever the number of its tables', async () => {
    await addTables(3)
    const policy = setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' })
    await home.database.commit([policy])
    const id = await start()
    await finish(id)
    await run(id, 'write', { title: 'As agreed' })
    const reader = await signInAs(home.services, 'viewer')
    const listFor = async (actor: Actor) =>
      (await readWaitingBulkProposals(home.database, actor)).proposals.filter(({ bulkChangeId }) => bulkChangeId === id)
    const one = { bulkChangeId: id, title: 'As agreed', tableCount: 3, proposedBy: { username: edna.username } }
    expect(await listFor(edna)).toMatchObject([one])
    const user = await signInAs(home.services, null)
    const ofOne = actorFor({ ...user, role: null, roleGrants: [{ role: 'editor', resource: at('t001') }] })
    expect(await listFor(ofOne), 'the user may write one of its tables').toMatchObject([{ ...one, tableCount: 1 }])
    expect(await listFor(actorFor({ ...reader, role: 'viewer' }))).toEqual([])
    const singles = (await readWaitingProposals(home.services, edna)).proposals
    expect(singles.filter(({ on }) => on.namespace[0] === root)).toEqual([])

    const { cookie } = await signInAs(home.services, 'editor')
    const { request, params } = requestWith(listWaitingProposals, {}, cookie)
    const route = await loadRouteHandler(home.services, listWaitingProposals)
    const body = await (await route(request, { params: Promise.resolve(params) })).json()
    expect(
      listWaitingProposals.output.parse(body).proposals.filter(({ proposalId }) => proposalId === id),
    ).toMatchObject([{ isOwn: false, entry: { kind: 'tables', catalog: 'local', bulkChangeId: id, tableCount: 3 } }])

    await run(id, 'commit-proposals', {
      actor: actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' }),
    })
    expect(await listFor(edna), 'none of its tables waits').toEqual([])
  })

  test('that was paused continues each step with the tables that are left, and with the title of its proposals', async () => {
    await addTables(2)
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' }),
    ])
    const id = await start()
    await finish(id)
    await expect(run(id, 'write', { isContinued: true })).rejects.toThrow(/last run of this change is not one/)
    await run(id, 'write', { title: 'As agreed' })
    const setState = (position: number, state: 'ready-to-propose' | 'waiting' | 'undoing') =>
      home.database.commit([bulkTableChange({ bulkChangeId: id, position }, { state })])
    // As if the run had been paused before its second table.
    await setState(1, 'ready-to-propose')
    await run(id, 'write', { isContinued: true })
    const [, second] = await tablesOf(id)
    expect(await findProposal(home.database, second?.proposalId ?? '')).toMatchObject({ title: 'As agreed' })
    await run(id, 'undo')
    await setState(0, 'undoing')
    expect(await run(id, 'undo', { isContinued: true })).toMatchObject({ title: 'Undo changes of 1 table in local' })
    const other = await start()
    await finish(other)
    await home.database.commit([bulkTableChange({ bulkChangeId: other, position: 1 }, { state: 'waiting' })])
    expect(await run(other, 'preview', { isContinued: true })).toMatchObject({
      title: 'Preview changes of 1 table in local',
    })
    await expect(run(other, 'preview', { isContinued: true })).rejects.toThrow(/no table left/)
  })

  test('is hidden from users who may read none of its tables, and shows others only those that they may read', async () => {
    await addTables(2)
    await addTable('elsewhere', {}, [root])
    const id = await start(OWNER, { only: ['t000', 't001'] })
    await finish(id)
    const on = { catalog: 'local', bulkChangeId: id }
    const reader = async (table: string) =>
      actorFor({
        ...(await signInAs(home.services, null)),
        role: null,
        roleGrants: [{ role: 'editor', resource: at(table) }],
      })
    await expect(readBulkChange(home.database, on, await reader('elsewhere'))).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await readBulkChange(home.database, on, await reader('t000'))).toMatchObject({
      counts: { ready: 1 },
      canRun: false,
    })
    expect((await readBulkChangeTables(home.database, on, {}, await reader('t001'))).tables).toMatchObject([
      { table: 't001' },
    ])
    expect((await readBulkChange(home.database, on, vera)).canRun).toBe(false)
  })
})

describe('A drop of many tables', () => {
  const exists = async (table: string) => (await local.listTables([root])).some((one) => one.table === table)

  test('takes the tables from the catalog when their number is confirmed, keeps their files, and is undone', async () => {
    await addTables(3)
    await addTable('protected', { 'lakeshore.protected': 'true' })
    const id = await start([{ kind: 'drop' }])
    expect(await finish(id)).toMatchObject({ title: 'Preview the drop of 4 tables in local' })
    expect(await countsOf(id)).toEqual({ ready: 3, failed: 1 })
    await expect(run(id, 'write')).rejects.toThrow('To confirm, type drop 3 tables in local.')
    await expect(run(id, 'write', { confirmation: 'drop 4 tables in local' })).rejects.toThrow(/To confirm/)
    const { metadata } = await local.loadTable(at('t000'))
    const changed = { kind: 'set-property', key: 'owner', value: 'web', base: null } as const
    await commitIntents(home.services, at('t001'), [changed], requestOf(edna))
    await run(id, 'write', { confirmation: 'drop 3 tables in local' })
    expect(await countsOf(id), 'one is another version than the preview read').toEqual({ changed: 2, failed: 2 })
    expect(await exists('t000')).toBe(false)
    expect(await exists('t001')).toBe(true)
    expect(await exists('protected')).toBe(true)
    await addTable('t002')
    expect(await run(id, 'undo')).toMatchObject({ outcome: { undoneCount: 1, notUndoneCount: 1 } })
    expect((await local.loadTable(at('t000'))).metadata).toEqual(metadata)
    expect((await tablesOf(id, { state: 'not-undone' }))[0]).toMatchObject({
      table: 't002',
      problem: expect.stringMatching(/already a table or view/),
    })
  })

  test('is proposed where two people are needed, and another user confirms the number as well', async () => {
    await addTables(2)
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' }),
    ])
    const id = await start([{ kind: 'drop' }])
    await finish(id)
    expect(await countsOf(id)).toEqual({ 'ready-to-propose': 2 })
    await run(id, 'write', { title: 'Not read since May', confirmation: 'drop 2 tables in local' })
    const eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
    await expect(run(id, 'commit-proposals', { actor: eric })).rejects.toThrow(/To confirm/)
    expect(await exists('t000')).toBe(true)
    await run(id, 'commit-proposals', { actor: eric, confirmation: 'drop 2 tables in local' })
    expect(await countsOf(id)).toEqual({ changed: 2 })
    expect(await exists('t000')).toBe(false)
  })

  test('says in its preview what uses each table, as far as the user may read it, and a move says it, too', async () => {
    await addTables(2)
    const version = {
      representations: [{ dialect: 'duckdb', sql: `SELECT id FROM ${root}.t001` }],
      defaultCatalog: null,
      defaultNamespace: [root],
      schema: {
        schemaId: 0,
        identifierFieldIds: [],
        fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
      },
    }
    await createView(
      home.services,
      { catalog: 'local', namespace: [root], view: 'ids' },
      { version, properties: {} },
      requestOf(edna),
    )
    await saveQuery(home.services, edna, { name: 'Ids by hand', sql: `SELECT * FROM ${root}.t001`, isShared: false })
    await home.database.commit([indexedCatalogChange({ catalog: 'local', source: 'embedded', isTruncated: false })])
    while ((await indexPending(home.services, signal)) > 0);
    const { metadata } = await local.loadTable({ catalog: 'local', namespace: [root], table: 't001' })
    const day = toUtcDay(home.database.nowMs())
    const used = (name: string, version: string) => ({
      tableUuid: metadata.tableUuid,
      client: { name, version, library: null },
      access: 'read' as const,
      day,
    })
    await home.database.commit(
      clientUseChanges([used('Spark', '4.0.1'), ...['1', '2', '3'].map((version) => used('DuckDB', version))]),
    )
    const clients = expect.stringMatching(
      /^Used in the last 30 days by (?:(?:Spark|DuckDB) \d\S* \(read \d+ \w{3} \(UTC\)\)(?:, )?){3} and 1 more\.$/,
    )
    await addNamespace([`${root}to`])
    for (const change of [{ kind: 'drop' }, { kind: 'move', toNamespace: [`${root}to`] }] as const) {
      const id = await start([change])
      await finish(id)
      expect((await tablesOf(id)).map(({ table, warnings }) => [table, warnings])).toEqual([
        ['t000', []],
        ['t001', [`Used by 1 view and 1 saved query: ${root}.ids, Ids by hand.`, clients]],
      ])
    }
  })

  test('that lost its worker between a drop and its record finds the drop', async () => {
    await addTables(1)
    const id = await start([{ kind: 'drop' }])
    await finish(id)
    const first = await run(id, 'write', { confirmation: 'drop 1 table in local' })
    const [table] = await tablesOf(id)
    await home.database.commit([bulkTableChange({ bulkChangeId: id, position: 0 }, { state: 'ready', auditId: null })])
    const again = await readRun(home.database, first.id)
    if (again === null) throw new Error('The run is missing.')
    await changeTablesRuns(home.services).work(again, runContext(signal))
    expect(await tablesOf(id)).toMatchObject([{ state: 'changed', auditId: table?.auditId }])
  })

  test('is proposed by a user who may not drop the tables', async () => {
    await addTables(1)
    const id = await start([{ kind: 'drop' }], { actor: vera })
    await finish(id, vera)
    expect(await countsOf(id, vera)).toEqual({ 'ready-to-propose': 1 })
  })

  test('is refused where the catalog could not restore the tables', async () => {
    await addTables(1)
    const { purgeSupport: _support, ...withoutTrash } = local
    vi.spyOn(home.services.catalogs, 'open').mockResolvedValue(withoutTrash)
    await expect(start([{ kind: 'drop' }])).rejects.toMatchObject({ code: 'not-supported' })
  })
})

describe('A move of many tables', () => {
  test('moves what has a free name, and an undo moves back what is still the same table', async () => {
    await addNamespace([root, 'to'])
    await addNamespace([root, 'other'])
    await addTables(2)
    await addTable('taken')
    await addTable('taken', {}, [root, 'to'])
    await addTable('twice')
    await addTable('twice', {}, [root, 'other'])
    const id = await start([{ kind: 'move', toNamespace: [root, 'to'] }])
    await finish(id)
    expect(await countsOf(id)).toEqual({ ready: 2, unchanged: 1, failed: 3 })
    expect((await tablesOf(id, { state: 'failed' })).map(({ table }) => table)).toEqual(['twice', 'taken', 'twice'])
    const { metadata } = await local.loadTable(at('t000'))
    await expect(run(id, 'write')).rejects.toThrow('To confirm, type move 2 tables in local.')
    await expect(run(id, 'write', { confirmation: 'move 3 tables in local' })).rejects.toThrow(/To confirm/)
    expect(await run(id, 'write', { confirmation: 'move 2 tables in local' })).toMatchObject({
      title: 'Move 2 tables in local',
    })
    expect((await local.loadTable(at('t000', [root, 'to']))).metadata.tableUuid).toBe(metadata.tableUuid)
    await expect(local.loadTable(at('t000'))).rejects.toMatchObject({ code: 'not-found' })
    await local.write({ kind: 'drop-table', table: at('t001', [root, 'to']) })
    await addTable('t001', {}, [root, 'to'])
    expect(await run(id, 'undo')).toMatchObject({ outcome: { undoneCount: 1, notUndoneCount: 1 } })
    expect((await local.loadTable(at('t000'))).metadata.tableUuid).toBe(metadata.tableUuid)
    expect((await tablesOf(id, { state: 'not-undone' }))[0]?.problem).toMatch(/Another table has the name/)
  })

  test('is proposed under a policy, and refused to a namespace that does not exist', async () => {
    await addTables(1)
    await addNamespace([root, 'to'])
    await expect(start([{ kind: 'move', toNamespace: [root, 'nowhere'] }])).rejects.toMatchObject({ code: 'not-found' })
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' }),
    ])
    const id = await start([{ kind: 'move', toNamespace: [root, 'to'] }], { only: ['t000'] })
    await finish(id)
    await run(id, 'write', { title: 'Tidy', confirmation: 'move 1 table in local' })
    expect(await countsOf(id)).toEqual({ proposed: 1 })
    const eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
    await expect(run(id, 'commit-proposals', { actor: eric })).rejects.toThrow(/To confirm/)
    await run(id, 'commit-proposals', { actor: eric, confirmation: 'move 1 table in local' })
    expect((await local.loadTable(at('t000', [root, 'to']))).metadata.tableUuid).toBeTruthy()
  })
})

describe('Grants on many tables', () => {
  const asActor = (user: Awaited<ReturnType<typeof signInAs>>, roleGrants: RoleGrant[]) =>
    actorFor({ ...user, role: null, roleGrants })
  const roleOn = async (userId: string, table: string) =>
    (await findGrantOn(home.database, { kind: 'user', id: userId }, at(table)))?.role ?? null
  const give = (userId: string, role: Role, resource: Resource) =>
    home.database.commit(
      putGrantChanges({ grantId: newKey(), holder: { kind: 'user', id: userId }, role, resource, createdBy: 'a test' }),
    )

  /** An admin of the namespace but for what is outside of it, and a user without access. */
  async function setUp() {
    const manager = await signInAs(home.services, null)
    const reader = await signInAs(home.services, null)
    const resource = { catalog: 'local', namespace: [root] }
    await give(manager.userId, 'admin', resource)
    const holder = { kind: 'user', id: reader.userId, name: 'not its name' } as const
    return {
      ada: asActor(manager, [{ role: 'admin', resource }]),
      holder,
      readerId: reader.userId,
      name: reader.username,
    }
  }

  test('are previewed with the role before, written with an entry each, and undone where no user changed them since', async () => {
    await addTables(4)
    const { ada, holder, readerId, name } = await setUp()
    await give(readerId, 'viewer', at('t001'))
    await give(readerId, 'editor', at('t002'))
    const id = await start([{ kind: 'grant', holder, role: 'editor' }], { actor: ada })
    await finish(id, ada)
    expect(await countsOf(id, ada)).toEqual({ ready: 3, unchanged: 1 })
    const on = { catalog: 'local', bulkChangeId: id }
    expect(await readBulkValues(home.database, on, ada), 'under the name that the holder has').toEqual([
      {
        key: `role of ${name}`,
        after: 'editor',
        before: [
          { value: null, tableCount: 2 },
          { value: 'viewer', tableCount: 1 },
        ],
        otherCount: 0,
        unchangedCount: 1,
      },
    ])
    expect(await roleOn(readerId, 't000'), 'a preview changes nothing').toBeNull()
    await expect(run(id, 'write', { actor: ada })).rejects.toThrow('To confirm, type grant on 3 tables in local.')
    expect(await run(id, 'write', { actor: ada, confirmation: 'grant on 3 tables in local' })).toMatchObject({
      title: 'Change grants on 3 tables in local',
    })
    expect(await countsOf(id, ada)).toEqual({ changed: 3, unchanged: 1 })
    expect(await roleOn(readerId, 't001')).toBe('editor')
    const { tables } = await readBulkChangeTables(home.database, on, { search: 't001' }, ada)
    expect(await readAudit(home.database, tables[0]?.auditId ?? '')).toMatchObject({
      action: 'change-grant',
      table: at('t001'),
      actor: { username: ada.username },
      before: { grant: { holder: name, role: 'viewer' } },
      after: { grant: { holder: name, role: 'editor' } },
    })
    // The same role, but given by another user since.
    await give(readerId, 'editor', at('t000'))
    expect(await run(id, 'undo', { actor: ada })).toMatchObject({ outcome: { undoneCount: 2, notUndoneCount: 1 } })
    expect(await roleOn(readerId, 't000')).toBe('editor')
    expect(await roleOn(readerId, 't001')).toBe('viewer')
    expect(await roleOn(readerId, 't002'), 'it had the role before').toBe('editor')
    expect(await roleOn(readerId, 't003')).toBeNull()
    const left = await readBulkChangeTables(home.database, on, { state: 'not-undone' }, ada)
    expect(left.tables).toMatchObject([{ table: 't000', problem: expect.stringMatching(/changed by another user/) }])
  })

  test('are revoked, and an undo gives the roles again that each table had', async () => {
    await addTables(2)
    const { ada, holder, readerId } = await setUp()
    await give(readerId, 'viewer', at('t000'))
    const id = await start([{ kind: 'grant', holder, role: null }], { actor: ada })
    await finish(id, ada)
    await run(id, 'write', { actor: ada, confirmation: 'revoke on 1 table in local' })
    expect(await countsOf(id, ada)).toEqual({ changed: 1, unchanged: 1 })
    expect(await roleOn(readerId, 't000')).toBeNull()
    await run(id, 'undo', { actor: ada })
    expect(await roleOn(readerId, 't000')).toBe('viewer')
  })

  test('that changed after the preview stay as they are', async () => {
    await addTables(1)
    const { ada, holder, readerId } = await setUp()
    const id = await start([{ kind: 'grant', holder, role: 'viewer' }], { actor: ada })
    await finish(id, ada)
    await give(readerId, 'editor', at('t000'))
    await run(id, 'write', { actor: ada, confirmation: 'grant on 1 table in local' })
    expect(await countsOf(id, ada)).toEqual({ failed: 1 })
    expect(await roleOn(readerId, 't000')).toBe('editor')
  })

  test('need the permission to manage access to each table, at the time of the write', async () => {
    await addTables(2)
    const { holder, readerId } = await setUp()
    await expect(start([{ kind: 'grant', holder, role: 'viewer' }]), 'an editor').rejects.toMatchObject({
      code: 'forbidden',
    })
    const user = await signInAs(home.services, null)
    const ofOne = { role: 'admin', resource: at('t000') } as const
    const reads = { role: 'viewer', resource: { catalog: 'local', namespace: [root] } } as const
    for (const { role, resource } of [ofOne, reads]) await give(user.userId, role, resource)
    const actor = asActor(user, [ofOne, reads])
    const id = await start([{ kind: 'grant', holder, role: 'viewer' }], { actor })
    await finish(id, actor)
    expect(await countsOf(id, actor)).toEqual({ ready: 1, failed: 1 })
    await give(user.userId, 'editor', at('t000'))
    await run(id, 'write', { actor, confirmation: 'grant on 1 table in local' })
    expect(await roleOn(readerId, 't000'), 'the user lost the permission').toBeNull()
  })

  test('are not held by policies, and are hidden from users who may only read the tables', async () => {
    await addTables(1)
    const { ada, holder } = await setUp()
    const policy = setPolicyChange({ catalog: 'local', namespace: [root] }, { requiresProposal: true, by: 'a test' })
    await home.database.commit([policy])
    const id = await start([{ kind: 'grant', holder, role: 'viewer' }], { actor: ada })
    await finish(id, ada)
    expect(await countsOf(id, ada)).toEqual({ ready: 1 })
    await expect(readBulkChange(home.database, { catalog: 'local', bulkChangeId: id }, vera)).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('that lost their worker between a grant and its record find the grant', async () => {
    await addTables(1)
    const { ada, holder } = await setUp()
    const id = await start([{ kind: 'grant', holder, role: 'viewer' }], { actor: ada })
    await finish(id, ada)
    const first = await run(id, 'write', { actor: ada, confirmation: 'grant on 1 table in local' })
    const on = { catalog: 'local', bulkChangeId: id }
    const [table] = (await readBulkChangeTables(home.database, on, {}, ada)).tables
    await home.database.commit([bulkTableChange({ bulkChangeId: id, position: 0 }, { state: 'ready', auditId: null })])
    const again = await readRun(home.database, first.id)
    if (again === null) throw new Error('The run is missing.')
    await changeTablesRuns(home.services).work(again, runContext(signal))
    expect((await readBulkChangeTables(home.database, on, {}, ada)).tables).toMatchObject([
      { state: 'changed', auditId: table?.auditId },
    ])
  })
})
