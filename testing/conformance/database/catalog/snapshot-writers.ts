import { describe, expect, test } from 'vitest'
import { newAuditId, type NewAuditEntry } from '@/server/db/audit'
import { readAudit } from '@/server/db/audit-list'
import { commitAuditChanges, readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import { countRows, type OpenDatabase, setUpDatabase, undoneAtChange } from '@/testing/conformance/database/testbed'

const MAX_LONG = '9223372036854775807'

function commit(snapshotIds: readonly string[], change: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    actor: { userId: 'u', username: 'ada' },
    action: 'append',
    table: { catalog: 'local', namespace: ['a'], table: 't' },
    tableUuid: 'uuid',
    after: { snapshots: snapshotIds.map((snapshotId) => ({ snapshotId, operation: 'append' })) },
    requestId: null,
    ...change,
  }
}

export function describeSnapshotWriters(open: OpenDatabase): void {
  describe('Writers of snapshots', () => {
    const database = setUpDatabase(open)
    const read = (tableUuid: string, snapshotIds: readonly string[], readable = [{}]) =>
      readRecordedWriters(
        database(),
        snapshotIds.map((snapshotId) => ({ tableUuid, snapshotId })),
        readable,
      )

    test('are those of the commits that added them, in the order of the request', async () => {
      const id = newAuditId()
      await database().commit(commitAuditChanges(commit(['1', MAX_LONG], { tableUuid: 'ä' }), { id }))
      const via = { client: 'PyIceberg 0.12.0', token: 'nightly' }
      const eve = { userId: 'v', username: 'eve' }
      await database().commit(commitAuditChanges(commit(['2'], { tableUuid: 'ä', actor: eve, via })))
      expect(await readAudit(database(), id)).toMatchObject({ action: 'append' })
      expect(await read('ä', ['2', MAX_LONG, '3', '1'])).toMatchObject([
        { username: 'eve', client: 'PyIceberg 0.12.0' },
        { username: 'ada', client: null, auditId: id },
        null,
        { username: 'ada', client: null, auditId: id },
      ])
      expect(await read('other', ['1'])).toEqual([null])
      expect(await read('ä', [])).toEqual([])
    })

    test('are found for more snapshots than one statement looks up', async () => {
      await database().commit(commitAuditChanges(commit(['7000'], { tableUuid: 'long' })))
      const writers = await read(
        'long',
        Array.from({ length: 7_001 }, (_, i) => String(i)),
      )
      expect(writers.flatMap((writer, i) => (writer ? [i] : []))).toEqual([7_000])
    })

    test('are recorded only if the commit happened, and in its transaction', async () => {
      const count = await countRows(database(), 'snapshot_writers')
      for (const outcome of ['unknown', 'not-committed'] as const)
        await database().commit(commitAuditChanges(commit(['1'], { tableUuid: 'lost', outcome })))
      const [entry, ...rows] = commitAuditChanges(commit(['1'], { tableUuid: 'lost' }), { id: 'twice' })
      if (!entry) throw new Error('a commit has an entry')
      await expect(database().commit([entry, ...rows, entry])).rejects.toThrow(undoneAtChange(2))
      expect(await countRows(database(), 'snapshot_writers')).toBe(count)
      await database().commit(commitAuditChanges(commit(['1'], { tableUuid: 'lost', outcome: 'committed' })))
      expect(await read('lost', ['1'])).toMatchObject([{ username: 'ada', client: null }])
    })

    test('name the user of the console to readers of its catalog, and the client of the catalog to others', async () => {
      const through = { tableUuid: 'twice', via: { client: 'lakeshore', token: 'mirror' } }
      const table = { catalog: 'mirror', namespace: ['a'], table: 't' }
      const console = { tableUuid: 'twice', table, actor: { userId: 'v', username: 'eve' } }
      for (const [first, second, id] of [
        [through, console, '1'],
        [console, through, '2'],
      ] as const) {
        await database().commit(commitAuditChanges(commit([id], first)))
        await database().commit(commitAuditChanges(commit([id], second)))
      }
      const eve = { username: 'eve', client: null }
      expect(await read('twice', ['1', '2'])).toMatchObject([eve, eve])
      expect(await read('twice', ['1', '2'], [{ catalog: 'mirror', namespace: ['a'] }])).toMatchObject([eve, eve])
      const ada = { username: 'ada', client: 'lakeshore' }
      expect(await read('twice', ['1', '2'], [{ catalog: 'local' }])).toMatchObject([ada, ada])
    })
  })
}
