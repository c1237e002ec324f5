import { beforeEach, describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { auditChange } from '@/server/db/audit'
import {
  addReceiverChange,
  countEntriesAfter,
  deliveredChange,
  failedChange,
  leaseReceiver,
  readEntriesAfter,
  readOpenTransactions,
  readReceivers,
  releaseReceiverChange,
} from '@/server/db/audit-receivers'
import { UnexpectedChanges } from '@/server/db/database'
import { type OpenDatabase, setUpDatabase } from '@/testing/conformance/database/testbed'

const LEASE = { owner: 'one', leaseMs: 60_000 }

export function describeAuditReceivers(open: OpenDatabase): void {
  describe('Receivers of the audit', () => {
    const database = setUpDatabase(open)
    const write = (action: string) =>
      database().commit([auditChange({ actor: { userId: 'u', username: 'ada' }, action, requestId: null })])
    const read = async () => {
      const [receiver] = await readReceivers(database())
      if (!receiver) throw new Error('there is none')
      return receiver
    }
    beforeEach(async () => {
      await write('before')
      await database().commit([rawChange('DELETE FROM audit_receivers'), addReceiverChange('webhook')])
    })

    test('begin with what is written after they were added, and are added once', async () => {
      const { position } = await read()
      await write('a')
      await write('b')
      await database().commit([addReceiverChange('webhook')])
      expect(await read()).toEqual({ name: 'webhook', position, deliveredAtMs: null, failure: null })
      const entries = await readEntriesAfter(database(), position, 10)
      expect(entries.map(({ entry }) => entry.action)).toEqual(['a', 'b'])
      expect((await readEntriesAfter(database(), position, 1)).map(({ entry }) => entry.action)).toEqual(['a'])
      expect(await countEntriesAfter(database(), position, 10)).toEqual({
        count: 2,
        oldestAtMs: entries[0]?.entry.atMs,
      })
      expect(await countEntriesAfter(database(), entries[1]?.seq ?? 0, 10)).toEqual({ count: 0, oldestAtMs: null })
    })

    test('are leased by one process, until it gives the lease back or it ends', async () => {
      expect(await leaseReceiver(database(), 'webhook', LEASE)).toBe(true)
      expect(await leaseReceiver(database(), 'webhook', LEASE)).toBe(true)
      const other = { ...LEASE, owner: 'other' }
      expect(await leaseReceiver(database(), 'webhook', other)).toBe(false)
      await database().commit([releaseReceiverChange('webhook', 'other')])
      expect(await leaseReceiver(database(), 'webhook', other)).toBe(false)
      await database().commit([releaseReceiverChange('webhook', 'one')])
      expect(await leaseReceiver(database(), 'webhook', { ...other, leaseMs: 0 })).toBe(true)
      expect(await leaseReceiver(database(), 'webhook', LEASE)).toBe(true)
    })

    test('move on from where they were, for the process that has the lease', async () => {
      const { position: from } = await read()
      await leaseReceiver(database(), 'webhook', LEASE)
      const deliver = (owner: string, at = from) =>
        database().commit([deliveredChange('webhook', { owner, from: at, to: at + 2 })])
      await expect(deliver('other')).rejects.toThrow(UnexpectedChanges)
      await database().commit([failedChange('webhook', { owner: 'one', error: 'It answered 500.', pauseMs: 50 })])
      const { failure: first } = await read()
      await database().commit([failedChange('webhook', { owner: 'one', error: 'It answered 502.', pauseMs: 50 })])
      await database().commit([failedChange('webhook', { owner: 'other', error: 'no', pauseMs: 50 })])
      const { failure } = await read()
      expect(failure).toMatchObject({ count: 2, sinceMs: first?.sinceMs, error: 'It answered 502.' })
      expect((failure?.retriesAtMs ?? 0) - (first?.sinceMs ?? 0)).toBeGreaterThanOrEqual(50)
      await deliver('one')
      await expect(deliver('one')).rejects.toThrow(UnexpectedChanges)
      expect(await read()).toEqual({
        name: 'webhook',
        position: from + 2,
        deliveredAtMs: expect.any(Number),
        failure: null,
      })
    })

    test('know which transactions may still write, where several write at once', async () => {
      const before = await readOpenTransactions(database())
      await write('a')
      const after = await readOpenTransactions(database())
      expect(after === null).toBe(before === null)
      expect((after?.next ?? 1n) > (before?.next ?? 0n)).toBe(true)
      expect((after?.oldestOpen ?? 0n) <= (after?.next ?? 0n)).toBe(true)
    })
  })
}
