import { describe, expect, test } from 'vitest'
import { rawChange } from '@/scripts/test-sql'
import { answerChanges, answeredBefore, IDEMPOTENCY_KEPT_MS } from '@/server/db/idempotency'
import { atOnce, AT_ONCE, code, countOf, type OpenDatabase, ownDatabase, TEXTS, undoneBy } from './testbed'

export function proveIdempotency(open: OpenDatabase): void {
  describe('Answers to repeated requests', () => {
    const database = ownDatabase(open)
    const key = (name: string, change: { actorId?: string; operation?: string } = {}) => ({
      actorId: 'ada',
      key: name,
      operation: 'create',
      ...change,
    })

    test.each(TEXTS)('are kept under the key %j', async (text) => {
      expect(await answeredBefore(database(), key(text))).toBeNull()
      expect(await database().commit(answerChanges(key(text), text))).toEqual([0, 1])
      expect(await answeredBefore(database(), key(text))).toBe(text)
      expect(await answeredBefore(database(), key(text, { actorId: 'Ada' }))).toBeNull()
    })

    test('are of one request only', async () => {
      await database().commit(answerChanges(key('one'), 'answer'))
      await expect(answeredBefore(database(), key('one', { operation: 'drop' }))).rejects.toThrow(
        code('invalid-request'),
      )
      await expect(database().commit(answerChanges(key('one', { operation: 'drop' }), 'other'))).rejects.toThrow(
        undoneBy(1),
      )
      expect(await answeredBefore(database(), key('one'))).toBe('answer')
    })

    test('are given once, to whichever of many at once comes first', async () => {
      const { done, refused } = await atOnce((i) => database().commit(answerChanges(key('race'), `answer ${i}`)))
      expect(done).toEqual([[0, 1]])
      expect(refused).toEqual(Array(AT_ONCE - 1).fill(undoneBy(1)))
      expect(await answeredBefore(database(), key('race'))).toMatch(/^answer \d+$/)
    })

    test('count no longer once they are old, and go with the next answer', async () => {
      await database().commit(answerChanges(key('old', { actorId: 'bob' }), 'old'))
      await database().commit([
        rawChange('UPDATE idempotency SET at_ms = at_ms - ?', [IDEMPOTENCY_KEPT_MS - 60_000]),
        rawChange("UPDATE idempotency SET at_ms = at_ms - 60000 WHERE key = 'old'", [], 1),
      ])
      expect(await answeredBefore(database(), key('old', { actorId: 'bob' }))).toBeNull()
      expect(await answeredBefore(database(), key('race'))).not.toBeNull()
      const count = await countOf(database(), 'idempotency')
      expect(await database().commit(answerChanges(key('old', { actorId: 'bob' }), 'new'))).toEqual([1, 1])
      expect(await answeredBefore(database(), key('old', { actorId: 'bob' }))).toBe('new')
      expect(await countOf(database(), 'idempotency')).toBe(count)
    })
  })
}
