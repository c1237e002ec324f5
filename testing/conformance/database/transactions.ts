import { describe, expect, test } from 'vitest'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import type { Change } from '@/server/db/database'
import { change, type Guard, type Guards, query } from '@/server/db/statement'
import {
  runConcurrently,
  CONCURRENCY,
  errorWithCode,
  MAX_INTEGER,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  undoneAtChange,
} from './testbed'

const GUARDS: readonly Guard[] = [
  'catalog',
  'users',
  'tokens',
  'runs',
  'run-logs',
  'connections',
  'sign-in',
  'saved-queries',
  'proposals',
  'policies',
  'access',
  'shortcuts',
]

export function describeTransactions(open: OpenDatabase): void {
  describe('Transactions', () => {
    const database = setUpDatabase(open)
    const seeWorkerChange = (id: string, expectedRows?: number): Change =>
      rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, 1)', [id], expectedRows)
    const ids = async () => (await selectRows(database(), 'SELECT id FROM workers ORDER BY id')).map(({ id }) => id)

    test('return how many rows each change changed', async () => {
      const changes = [
        seeWorkerChange('b'),
        seeWorkerChange('a', 1),
        rawChange('UPDATE workers SET seen_at_ms = 2'),
        rawChange("DELETE FROM workers WHERE id = 'none'"),
        rawChange("DELETE FROM workers WHERE id = 'b'", [], 1),
      ]
      expect(await database().commit(changes)).toEqual([1, 1, 2, 0, 1])
      expect(await database().commit([])).toEqual([])
      expect(await ids()).toEqual(['a'])
    })

    test.each([0, 1, 2, 3])('are rolled back completely by change %i', async (index) => {
      const before = await ids()
      const changes: Change[] = [seeWorkerChange('x'), seeWorkerChange('y'), seeWorkerChange('z')]
      changes.splice(index, 0, rawChange('UPDATE workers SET seen_at_ms = 5', [], 99))
      await expect(database().commit(changes)).rejects.toThrow(undoneAtChange(index, before.length + index))
      expect(await ids()).toEqual(before)
      changes[index] = seeWorkerChange('a')
      await expect(database().commit(changes)).rejects.toThrow(undoneAtChange(index))
      expect(await ids()).toEqual(before)
      changes[index] = rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (NULL, 1)')
      await expect(database().commit(changes)).rejects.toThrow(/null/i)
      expect(await ids()).toEqual(before)
    })

    test('with the same guard run one after another, also with several guards in any order', async () => {
      const addIfFewer = (maxCount: number, i: number, guards: readonly Guard[]): Change =>
        change(
          ({ db }) =>
            db
              .insertInto('workers')
              .columns(['id', 'seen_at_ms'])
              .expression((eb) =>
                db
                  .selectNoFrom([
                    eb.val(`guarded ${i}`).as('id'),
                    eb.cast<number>(eb.val(7), 'bigint').as('seen_at_ms'),
                  ])
                  .where(
                    ({ selectFrom }) =>
                      selectFrom('workers as other')
                        .select(({ fn }) => fn.countAll<number>().as('count'))
                        .where('other.seen_at_ms', '=', 7),
                    '<',
                    maxCount,
                  ),
              ),
          { expectedRows: 1, guards },
        )
      const others = (i: number) =>
        GUARDS.map((_, j) => GUARDS[(i + j) % GUARDS.length]).map((guard) =>
          change(({ db }) => db.deleteFrom('workers').where('id', '=', 'none'), { guards: guard ? [guard] : [] }),
        )
      const { done, refused } = await runConcurrently((i) =>
        database().commit([...others(i), addIfFewer(5, i, i % 2 ? ['runs', 'catalog'] : ['catalog', 'tokens'])]),
      )
      expect(done).toHaveLength(5)
      expect(refused).toEqual(Array(CONCURRENCY - 5).fill(undoneAtChange(GUARDS.length)))
    })

    test('that share a guard see no change of one that takes it', async () => {
      const addUnless = (other: number, own: number, i: number, held: Partial<Guards>): Change =>
        change(
          ({ db }) =>
            db
              .insertInto('workers')
              .columns(['id', 'seen_at_ms'])
              .expression((eb) =>
                db
                  .selectNoFrom([
                    eb.val(`shared ${i}`).as('id'),
                    eb.cast<number>(eb.val(own), 'bigint').as('seen_at_ms'),
                  ])
                  .where(({ not, exists, selectFrom }) =>
                    not(exists(selectFrom('workers as w').select('w.id').where('w.seen_at_ms', '=', other))),
                  ),
              ),
          { expectedRows: 1, ...held },
        )
      const { done } = await runConcurrently((i) =>
        database().commit([
          i % 4 === 0
            ? addUnless(11, 12, i, { guards: ['policies'], sharedGuards: ['policies'] })
            : addUnless(12, 11, i, { sharedGuards: ['policies'] }),
        ]),
      )
      const added = await selectRows(database(), 'SELECT DISTINCT seen_at_ms FROM workers WHERE seen_at_ms IN (11, 12)')
      expect(done.length).toBeGreaterThan(0)
      expect(added).toHaveLength(1)
    })

    test('that write the same rows in different orders at once are applied completely or not at all', async () => {
      await database().commit(['p', 'q', 'r'].map((id) => seeWorkerChange(id)))
      const add = (id: string) => rawChange('UPDATE workers SET seen_at_ms = seen_at_ms + 1 WHERE id = ?', [id], 1)
      const { done, refused } = await runConcurrently((i) => {
        const changes = ['p', 'q', 'r'].map(add)
        return database().commit(i % 2 ? changes : changes.toReversed())
      }, 6)
      expect(done.length).toBeGreaterThan(0)
      expect(refused).toEqual(refused.map(() => errorWithCode('database-busy')))
      const seen = await selectRows(database(), "SELECT seen_at_ms FROM workers WHERE id IN ('p', 'q', 'r')")
      expect(seen.map((row) => row.seen_at_ms)).toEqual(Array(3).fill(1 + done.length))
    })

    test('are visible once they are committed', async () => {
      const { done } = await runConcurrently(async (i) => {
        await database().commit([seeWorkerChange(`read ${i}`)])
        return (await ids()).includes(`read ${i}`)
      })
      expect(done).toEqual(Array(CONCURRENCY).fill(true))
    })
  })

  describe('A read', () => {
    const database = setUpDatabase(open)

    test('returns exact numbers, or throws', async () => {
      await database().commit([rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, ?)', ['exact', MAX_INTEGER])])
      expect(await selectRows(database(), 'SELECT seen_at_ms FROM workers')).toEqual([{ seen_at_ms: MAX_INTEGER }])
      await database().commit([rawChange('UPDATE workers SET seen_at_ms = ?', [MAX_INTEGER * -1])])
      expect(await selectRows(database(), 'SELECT seen_at_ms FROM workers')).toEqual([{ seen_at_ms: -MAX_INTEGER }])
      await database().commit([rawChange('UPDATE workers SET seen_at_ms = ?', [9_223_372_036_854_775_807n])])
      await expect(selectRows(database(), 'SELECT seen_at_ms FROM workers')).rejects.toThrow('too large')
      expect(await selectRows(database(), 'SELECT CAST(seen_at_ms AS TEXT) AS ms FROM workers')).toEqual([
        { ms: '9223372036854775807' },
      ])
    })

    test('has the database’s time, which is also that of its statements', async () => {
      const read = query(({ db, nowMs }) => db.selectNoFrom(nowMs.as('now')))
      // A process knows the clock of a database as exactly as a busy machine lets it.
      const before = database().nowMs()
      const [row] = await database().read(read)
      const after = database().nowMs()
      expect(Number.isInteger(before)).toBe(true)
      expect(row?.now).toBeGreaterThanOrEqual(before - 2_000)
      expect(row?.now).toBeLessThanOrEqual(after + 2_000)
    })

    test('fails for an invalid query, and leaves the database unchanged', async () => {
      await expect(database().read(rawQuery('SELECT one FROM nowhere'))).rejects.toThrow(/nowhere/)
      expect(await selectRows(database(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    })
  })
}
