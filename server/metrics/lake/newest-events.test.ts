import { expect, it } from 'vitest'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { createTestHome } from '@/testing/homes/test-home'
import { actorFor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import { readNewestEvents } from './newest-events'

const home = createTestHome()

const table = { catalog: 'local', namespace: ['sales'], table: 'deals' }
const tables = [{ identifier: table, metadata: { tableUuid: 'deals' } }]
const ada = { userId: 'a', username: 'ada' }
const via = { client: 'PyIceberg 0.12.0', token: 'py' }
/** A viewer of one namespace. */
const lim = actorFor({
  userId: 'l',
  username: 'lim',
  role: null,
  roleGrants: [{ role: 'viewer', resource: { catalog: 'local', namespace: ['sales'] } }],
})

function toCommit(snapshotId: string, atMs: number): LakeCommit {
  const counts = { addedBytes: 1, removedBytes: 0, addedFiles: 1, removedFiles: 0, inputBytes: null }
  return { table, snapshotId, atMs, operation: 'append', writer: null, addedRows: 1, removedRows: 0, ...counts }
}

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
  const commits = ['1', '2', '3'].map((id) => toCommit(id, Number(id) * 1_000))
  const read = () => readNewestEvents(home.database, lim, { tables, commits }, 50)
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
  const commits = Array.from({ length: 60 }, (_, i) => toCommit(`9${i}`, 9_000 + i))
  const { events, eventsCompleteSinceMs } = await readNewestEvents(home.database, lim, { tables, commits }, 50)
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
  await home.database.commit(commitAuditChanges(entry, { atMs: 7_000 }))
  const { events } = await readNewestEvents(home.database, lim, { tables, commits: [toCommit('7', 7_000)] }, 50)
  expect(events.map(({ target, actor }) => [target, actor])).toContainEqual([table, 'ada'])
})
