import { beforeEach, describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import {
  claimOpenWrite,
  HOLD_MS,
  isWritePending,
  CHECK_LEASE_MS,
  type PendingWrite,
  postponeCheck,
  releaseKey,
  removePendingWrite,
  reserveKey,
  savePendingWrite,
} from '@/server/db/catalog/pending-writes'
import {
  CONCURRENCY,
  countRows,
  LONG_TEXT,
  type OpenDatabase,
  setUpDatabase,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

const write = (id: string, change: Partial<PendingWrite> = {}): PendingWrite => ({
  id,
  catalog: 'remote',
  entries: [{ id, entry: { actor: { userId: 'u', username: 'ada' }, action: 'append', requestId: null } }],
  evidence: { kind: 'namespace', namespace: ['a.b', 'ä'], before: null, after: { text: LONG_TEXT, nul: 'a\0b' } },
  idempotency: null,
  ...change,
})

export function describePendingWrites(open: OpenDatabase): void {
  describe('Pending writes', () => {
    const database = setUpDatabase(open)
    beforeEach(() => database().commit([rawChange('DELETE FROM pending_writes')]))
    const age = (ms: number) =>
      database().commit([
        rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = next_check_at_ms - ?', [
          ms,
          ms,
        ]),
      ])

    test('are for their own process until it has had its time, and then for one worker, with every field', async () => {
      const stored = write('w1', { idempotency: { actorId: 'u', key: 'k', operation: 'o' } })
      await savePendingWrite(database(), stored)
      expect(await claimOpenWrite(database())).toBeNull()
      await age(HOLD_MS)
      const claimed = await Promise.all(Array.from({ length: CONCURRENCY }, () => claimOpenWrite(database())))
      const [one, ...others] = claimed.filter((found) => found !== null)
      expect(others).toEqual([])
      expect(one).toMatchObject({ ...stored, checkCount: 0 })
      expect(one?.ageMs).toBeGreaterThanOrEqual(HOLD_MS)
      await age(CHECK_LEASE_MS)
      expect(await claimOpenWrite(database())).toMatchObject({ id: 'w1', checkCount: 1 })
    })

    test('are looked at when they are released, and later when the look is postponed', async () => {
      await savePendingWrite(database(), write('w1'))
      await postponeCheck(database(), 'w1', 0)
      expect(await claimOpenWrite(database())).toMatchObject({ id: 'w1' })
      await postponeCheck(database(), 'w1', 60_000)
      expect(await claimOpenWrite(database())).toBeNull()
      await age(60_000)
      expect(await claimOpenWrite(database())).toMatchObject({ id: 'w1' })
    })

    test('have the evidence of the last attempt', async () => {
      await savePendingWrite(database(), write('w1'))
      const evidence = { kind: 'namespace', namespace: ['b'], before: null, after: {} } as const
      await savePendingWrite(database(), write('w1', { evidence }))
      await postponeCheck(database(), 'w1', 0)
      expect(await claimOpenWrite(database())).toMatchObject({ evidence })
    })

    test('are recorded once', async () => {
      await savePendingWrite(database(), write('w1'))
      const record = () => database().commit([removePendingWrite('w1')])
      const results = await Promise.allSettled([record(), record()])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await expect(record()).rejects.toThrow(undoneAtChange(0))
      expect(await countRows(database(), 'pending_writes')).toBe(0)
    })

    test('are found by the key of their request', async () => {
      const key = { actorId: 'u', key: 'k', operation: 'o' }
      expect(await isWritePending(database(), key)).toBe(false)
      await savePendingWrite(database(), write('w1', { idempotency: key }))
      expect(await isWritePending(database(), key)).toBe(true)
      expect(await isWritePending(database(), { ...key, actorId: 'v' })).toBe(false)
    })

    test('reserve a key for one request until it is released, also when a worker removed the row', async () => {
      const key = { actorId: 'u', key: 'k', operation: 'o' }
      const reserve = () => reserveKey(database(), 'remote', key)
      const reserved = await Promise.all(Array.from({ length: CONCURRENCY }, reserve))
      const [id = '', ...others] = reserved.filter((one) => one !== null)
      expect(others).toEqual([])
      expect(await isWritePending(database(), key)).toBe(true)
      expect(await isWritePending(database(), key, id)).toBe(false)
      await savePendingWrite(database(), write('w1', { idempotency: key }))
      expect(await isWritePending(database(), key, id)).toBe(true)
      await age(HOLD_MS)
      expect(await claimOpenWrite(database())).toMatchObject({ catalog: 'remote' })
      await releaseKey(database(), id)
      await releaseKey(database(), id)
      expect(await reserve()).toBe(id)
      expect(await reserveKey(database(), 'remote', { ...key, actorId: 'v' })).not.toBe(id)
    })
  })
}
