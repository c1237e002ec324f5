import { beforeAll, expect, it } from 'vitest'
import { UNKNOWN } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { createTestHome } from '@/testing/homes/test-home'
import { actorFor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import { readFactTables } from '@/server/db/facts/fact-tables'
import type { WrittenFact } from '@/server/db/facts/fact-writers'
import { newHistoryChange } from '@/server/db/facts/histories'
import { rawChange } from '@/testing/databases/test-sql'
import { readNewestEvents } from './newest-events'

const home = createTestHome()

const table = { catalog: 'local', namespace: ['sales'], table: 'deals' }
const HISTORY = { id: 7, catalog: 'local' }
const ada = { userId: 'a', username: 'ada' }
const via = { client: 'PyIceberg 0.12.0', token: 'py' }
/** A viewer of one namespace. */
const lim = actorFor({
  userId: 'l',
  username: 'lim',
  role: null,
  roleGrants: [{ role: 'viewer', resource: { catalog: 'local', namespace: ['sales'] } }],
})

let seq = 0

async function addCommit(snapshotId: string, atMs: number, change: Partial<WrittenFact> = {}): Promise<void> {
  seq += 1
  const row: WrittenFact = {
    seq,
    kind: 'commit',
    atMs,
    statedAtMs: null,
    snapshotId,
    enteredAtMs: null,
    operation: 'append',
    writer: null,
    committedBy: null,
    branch: null,
    reason: null,
    detail: null,
    added: { ...UNKNOWN, rows: 1 },
    removed: { ...UNKNOWN, rows: 0 },
    ...change,
  }
  await home.database.commit([
    ...addedFactChanges(HISTORY, { rows: [row], events: [] }),
    rawChange('UPDATE fact_tables SET seq = ?, last_commit_ms = ?', [seq, atMs]),
  ])
}

const read = async () => readNewestEvents(home.database, lim, await readFactTables(home.database, {}), 50)

beforeAll(async () => {
  await home.database.commit([
    newHistoryChange({
      id: HISTORY.id,
      table,
      tableUuid: 'deals',
      metadataLocation: 'm',
      version: { properties: {} } as never,
      state: EMPTY_HISTORY,
      droppedAtMs: null,
    }),
  ])
})

/** Bulk changes of other tables, which the viewer may not see. */
async function addOtherChanges(count: number, atMs: number): Promise<void> {
  const target = { catalog: 'local', namespace: ['other'], table: 't' }
  const changes = Array.from({ length: count }, () =>
    auditChange({ actor: ada, action: 'set-properties', table: target, requestId: 'r' }, { atMs }),
  )
  await home.database.commit(changes)
}

it('The list knows the writers of commits and the changes of a reader’s tables, however many others there were since', async () => {
  const after = (snapshotId: string) => ({ snapshots: [{ snapshotId, operation: 'append' }] })
  const entryOf = (snapshotId: string) => ({
    actor: ada,
    via,
    action: 'append',
    table,
    tableUuid: 'deals',
    requestId: 'r',
    after: after(snapshotId),
  })
  const grant = {
    actor: ada,
    action: 'add-grant',
    namespace: { catalog: 'local', namespace: ['sales'] },
    requestId: 'r',
  }
  await home.database.commit([
    ...commitAuditChanges(entryOf('1'), { atMs: 1_000 }),
    ...commitAuditChanges(entryOf('2'), { atMs: 2_000 }),
    auditChange(grant, { atMs: 3_000 }),
  ])
  await addOtherChanges(600, 4_000)
  for (const id of ['1', '2', '3']) await addCommit(id, Number(id) * 1_000)
  const expected = [
    ['add-grant', 'ada', undefined, undefined],
    ['append', null, undefined, '3'],
    ['append', 'ada', 'PyIceberg 0.12.0', '2'],
    ['append', 'ada', 'PyIceberg 0.12.0', '1'],
  ]
  const { events, eventsCompleteSinceMs } = await read()
  expect(
    events.map(({ action, actor, via: client, commit }) => [action, actor, client?.client, commit?.snapshotId]),
  ).toEqual(expected)
  expect(eventsCompleteSinceMs).toBeNull()

  // Beyond the bound only commits are looked up, and the answer says so.
  for (let batch = 0; batch < 20; batch++) await addOtherChanges(1_000, 5_000)
  const later = await read()
  expect(later.events.map(({ actor, commit }) => [actor, commit?.snapshotId])).toEqual([
    [null, '3'],
    ['ada', '2'],
    ['ada', '1'],
  ])
  expect(later.eventsCompleteSinceMs).toBe(4_000)
})

it('The list is complete when it is full of newer events than those that were not looked up', async () => {
  for (let i = 0; i < 60; i += 1) await addCommit(`9${i}`, 9_000 + i)
  const { events, eventsCompleteSinceMs } = await read()
  expect(events).toHaveLength(50)
  expect(eventsCompleteSinceMs).toBeNull()
})

it('A commit is listed under the name that its table has now, if the reader may not see the earlier one', async () => {
  const earlier = { ...table, namespace: ['drafts'] }
  const snapshots = [{ snapshotId: '7', operation: 'append' }]
  const entry = {
    actor: ada,
    action: 'append',
    table: earlier,
    tableUuid: 'deals',
    requestId: 'r',
    after: { snapshots },
  }
  await home.database.commit(commitAuditChanges(entry, { atMs: 10_000 }))
  await addCommit('7', 10_000)
  const { events } = await read()
  expect(events.map(({ target, actor }) => [target, actor])).toContainEqual([table, 'ada'])
})

it('A commit of a branch is listed, and only as the newer one when another program publishes it', async () => {
  const listed = async () => {
    const { events } = await read()
    return events.flatMap(({ atMs, commit }) => (commit?.snapshotId === '8' ? [atMs] : []))
  }
  await addCommit('8', 11_000, { kind: 'off-main', branch: 'audit' })
  expect(await listed()).toEqual([11_000])
  await addCommit('8', 12_000)
  expect(await listed()).toEqual([12_000])
})
