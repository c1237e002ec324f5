import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { responseChanges, findStoredResponse, IDEMPOTENCY_RETENTION_MS } from '@/server/db/idempotency'
import {
  runConcurrently,
  CONCURRENCY,
  errorWithCode,
  countRows,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

export function describeIdempotency(open: OpenDatabase): void {
  describe('Responses to repeated requests', () => {
    const database = setUpDatabase(open)
    const key = (name: string, change: { actorId?: string; operation?: string } = {}) => ({
      actorId: 'ada',
      key: name,
      operation: 'create',
      ...change,
    })

    test.each(TEXTS)('are stored under the key %j', async (text) => {
      expect(await findStoredResponse(database(), key(text))).toBeNull()
      expect(await database().commit(responseChanges(key(text), text))).toEqual([0, 1])
      expect(await findStoredResponse(database(), key(text))).toBe(text)
      expect(await findStoredResponse(database(), key(text, { actorId: 'Ada' }))).toBeNull()
    })

    test('belong to one request only', async () => {
      await database().commit(responseChanges(key('one'), 'answer'))
      await expect(findStoredResponse(database(), key('one', { operation: 'drop' }))).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
      await expect(database().commit(responseChanges(key('one', { operation: 'drop' }), 'other'))).rejects.toThrow(
        undoneAtChange(1),
      )
      expect(await findStoredResponse(database(), key('one'))).toBe('answer')
    })

    test('are stored once, by the first of many concurrent requests', async () => {
      const { done, refused } = await runConcurrently((i) =>
        database().commit(responseChanges(key('race'), `answer ${i}`)),
      )
      expect(done).toEqual([[0, 1]])
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(undoneAtChange(1)))
      expect(await findStoredResponse(database(), key('race'))).toMatch(/^answer \d+$/)
    })

    test('expire, and are removed with the next response', async () => {
      await database().commit(responseChanges(key('old', { actorId: 'bob' }), 'old'))
      await database().commit([
        rawChange('UPDATE idempotency SET at_ms = at_ms - ?', [IDEMPOTENCY_RETENTION_MS - 60_000]),
        rawChange("UPDATE idempotency SET at_ms = at_ms - 60000 WHERE key = 'old'", [], 1),
      ])
      expect(await findStoredResponse(database(), key('old', { actorId: 'bob' }))).toBeNull()
      expect(await findStoredResponse(database(), key('race'))).not.toBeNull()
      const count = await countRows(database(), 'idempotency')
      expect(await database().commit(responseChanges(key('old', { actorId: 'bob' }), 'new'))).toEqual([1, 1])
      expect(await findStoredResponse(database(), key('old', { actorId: 'bob' }))).toBe('new')
      expect(await countRows(database(), 'idempotency')).toBe(count)
    })
  })
}
