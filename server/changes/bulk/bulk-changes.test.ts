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
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { rawChange } from '@/testing/databases/test-sql'
import { listAudit } from '@/server/db/audit-list'
import { putGrantChanges } from '@/server/db/auth/grants'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import { indexedCatalogChange, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import { saveIndexedObject, type TableSize } from '@/server/db/search/indexed-objects'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import { bulkTableChange } from '@/server/db/jobs/bulk-changes'
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
import { closeProposal } from '../proposals/proposals'
import { readBulkValues } from './bulk-values'
import { changeTablesRuns, MAX_FAILURES_IN_A_ROW } from './bulk-run'
import { runBulkChange } from './queue-bulk-run'
import { readBulkChange, readBulkChangeTables } from './read-bulk-change'
import { readSelectedTables } from './selected-tables'
import { startBulkChange } from './start-bulk-change'

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
  loop ??= runWorkerLoop(home.services, { kinds, concurrency: 2, signal: stop.signal, pollMs: 5, renewMs: 20 })
}

/** Works until the newest run of the change has ended. */
async function finish(bulkChangeId: string, actor = edna): Promise<Run> {
  work()
  const { run } = await readBulkChange(home.database, { catalog: 'local', bulkChangeId }, actor)
  if (run === null) throw new Error('It has no run.')
  return followRun(home.database, run.id, { signal, onProgress: () => {} })
}
async function run(
  bulkChangeId: string,
  step: BulkStep,
  {
    actor = edna,
    title,
    ...more
  }: { actor?: Actor; title?: string; isContinued?: boolean; confirmedDrop?: string } = {},
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
    expect((await finish(id)).state).toBe('succeeded')
    expect(await countsOf(id)).toEqual({ ready: 3, unchanged: 1 })
    expect(await propertiesOf('t000'), 'a preview changes nothing').not.toHaveProperty('owner')
    const ended = await run(id, 'write')
    expect(ended).toMatchObject({ state: 'succeeded', outcome: { tableCount: 4, changedCount: 3, unchangedCount: 1 } })
    expect(await propertiesOf('t002')).toMatchObject({ owner: 'data-platform' })
    const entries = await listAudit(home.database, { limit: 50 })
    expect(
      entries.filter(({ action, after }) => action === 'change-tables' && after?.run?.id === ended.id),
    ).toMatchObject([{ after: { bulkChange: { bulkChangeId: id, counts: { changedCount: 3, unchangedCount: 1 } } } }])
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

    const first = await write()
    await untilSomeChanged(1)
    stop.abort()
    await loop
    expect((await countsOf(id)).changed).toBeLessThan(12)
    stop = new AbortController()
    loop = null
    work()
    await untilSomeChanged(4)
    await cancelRun(home.database, first.id, { actor: edna, requestId: null })
    const cancelled = await followRun(home.database, first.id, { signal, onProgress: () => {} })
    const { changed = 0, ready = 0 } = await countsOf(id)
    expect(changed + ready).toBe(12)
    // The last table may have been changed before the worker read the request.
    if (cancelled.state === 'cancelled') await run(id, 'write')
    expect(await countsOf(id)).toEqual({ changed: 12 })
    for (const { table, auditId } of await tablesOf(id)) {
      const { metadata } = await local.loadTable(at(table))
      const entries = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 10 })
      expect(entries.filter(({ action }) => action === 'set-properties').map((entry) => entry.id)).toEqual([auditId])
    }
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
    const id = await start()
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
    expect(undone).toMatchObject({ state: 'succeeded', outcome: { undoneCount: 2, notUndoneCount: 1 } })
    expect(undone.outcome, 'a failure of the earlier run').not.toHaveProperty('failedCount')
    expect(await propertiesOf('t000')).not.toHaveProperty('owner')
    expect(await propertiesOf('t001')).toMatchObject({ owner: 'web' })
    expect(await propertiesOf('t002')).toEqual(expect.objectContaining({ team: 'x' }))
    expect(await propertiesOf('t002')).not.toHaveProperty('owner')
    expect((await tablesOf(id, { state: 'not-undone' }))[0]).toMatchObject({
      table: 't001',
      problem: expect.stringMatching(/owner/),
    })
    const entries = await listAudit(home.database, { limit: 50 })
    expect(entries.filter(({ action }) => action === 'undo-change-of-tables')).toHaveLength(1)
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
    await expect(run(id, 'write', { confirmedDrop: 'drop 4 tables in local' })).rejects.toThrow(/To confirm/)
    const { metadata } = await local.loadTable(at('t000'))
    const changed = { kind: 'set-property', key: 'owner', value: 'web', base: null } as const
    await commitIntents(home.services, at('t001'), [changed], requestOf(edna))
    await run(id, 'write', { confirmedDrop: 'drop 3 tables in local' })
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
    await run(id, 'write', { title: 'Not read since May', confirmedDrop: 'drop 2 tables in local' })
    const eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
    await expect(run(id, 'commit-proposals', { actor: eric })).rejects.toThrow(/To confirm/)
    expect(await exists('t000')).toBe(true)
    await run(id, 'commit-proposals', { actor: eric, confirmedDrop: 'drop 2 tables in local' })
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
    await addNamespace([`${root}to`])
    for (const change of [{ kind: 'drop' }, { kind: 'move', toNamespace: [`${root}to`] }] as const) {
      const id = await start([change])
      await finish(id)
      expect((await tablesOf(id)).map(({ table, warnings }) => [table, warnings])).toEqual([
        ['t000', []],
        ['t001', [`Used by 1 view and 1 saved query: ${root}.ids, Ids by hand.`]],
      ])
    }
  })

  test('that lost its worker between a drop and its record finds the drop', async () => {
    await addTables(1)
    const id = await start([{ kind: 'drop' }])
    await finish(id)
    const first = await run(id, 'write', { confirmedDrop: 'drop 1 table in local' })
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
    expect(await run(id, 'write')).toMatchObject({ title: 'Move 2 tables in local' })
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
    await run(id, 'write', { title: 'Tidy' })
    expect(await countsOf(id)).toEqual({ proposed: 1 })
    const eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
    await run(id, 'commit-proposals', { actor: eric })
    expect((await local.loadTable(at('t000', [root, 'to']))).metadata.tableUuid).toBeTruthy()
  })
})
