import { expect, it } from 'vitest'
import type { Database } from '../database'
import { readRecordedWriters } from './snapshot-writers'

const unused = () => {
  throw new Error('The test does not call it.')
}
const UNUSED: Omit<Database, 'read'> = { commit: unused, nowMs: unused, pollMs: 1, close: unused }

it('The writers of many snapshots are read in several turns, so that other requests are answered in between', async () => {
  const order: string[] = []
  const database: Database = {
    ...UNUSED,
    async read() {
      order.push('read')
      // Longer than a turn.
      const endMs = performance.now() + 20
      while (performance.now() < endMs);
      setImmediate(() => order.push('other'))
      return []
    },
  }
  const snapshots = Array.from({ length: 2_001 }, (_, i) => ({ tableUuid: 'u', snapshotId: String(i) }))
  expect(await readRecordedWriters(database, snapshots, [])).toEqual(snapshots.map(() => null))
  expect(order).toEqual(['read', 'other', 'read', 'other', 'read'])
})
