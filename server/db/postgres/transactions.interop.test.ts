import { describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import {
  insertNumberChanges,
  openForTest,
  createPreparedDatabase,
  selectRows,
  readStoredNumbers,
  connectExternalClient,
  waitForBlocked,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { UnexpectedChanges } from '../database'
import { change } from '../statement'

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))

  describe.skipIf(server === null)(`A transaction of the ${age} PostgreSQL (skipped if it is not available)`, () => {
    const shared = server ?? { url: '' }
    const none = rawChange('UPDATE numbered SET number = 0 WHERE number = -1', [], 1)
    const failing = rawChange('SELECT 1 / (SELECT count(*) FROM numbered WHERE number = -1)')

    test('returns the number of rows of each of its changes', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      const add = rawChange('INSERT INTO numbered SELECT generate_series(1, 1200)')
      const some = rawChange('UPDATE numbered SET number = number + 5000 WHERE number <= ?', [17])
      const all = rawChange('DELETE FROM numbered')
      expect(await database.commit([add, some, rawChange('CREATE TABLE more (id int)'), all])).toEqual([
        1200, 17, 0, 1200,
      ])
      expect(await database.commit([])).toEqual([])
    })

    test('is rolled back by the first change with an unexpected number of rows, whatever failed after it', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      const lost = await database.commit([...insertNumberChanges(1), none, failing]).catch((error: unknown) => error)
      expect(lost).toBeInstanceOf(UnexpectedChanges)
      expect(lost).toMatchObject({ index: 2, changes: 0 })
      await expect(database.commit([...insertNumberChanges(1), failing, none])).rejects.toMatchObject({ code: '22012' })
      expect(await readStoredNumbers(url)).toEqual([])
      expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
    })

    test('is rolled back by a row that already exists, and reports the change', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      await database.commit(insertNumberChanges(1))
      const lost = await database.commit(insertNumberChanges(1)).catch((error: unknown) => error)
      expect(lost).toBeInstanceOf(UnexpectedChanges)
      expect(lost).toMatchObject({ index: 1, changes: 0 })
      expect(await readStoredNumbers(url)).toEqual([1])
    })

    test('waits for no other one that shares its guard, and for one that takes it', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      const sharing = change(({ db }) => db.deleteFrom('workers'), { sharedGuards: ['policies'] })
      const taking = change(({ db }) => db.deleteFrom('workers'), { guards: ['policies'] })
      const other = await connectExternalClient(url)
      await other.query('SELECT pg_advisory_lock(77)')
      // Shares the guard until it ends, as a commit that waits for its disk does.
      const slow = database.commit([sharing, rawChange('SELECT pg_advisory_xact_lock_shared(77)')])
      await waitForBlocked(other, 1)
      await database.commit([sharing])
      const taken = database.commit([taking])
      await waitForBlocked(other, 2)
      await other.query('SELECT pg_advisory_unlock(77)')
      expect(await Promise.all([slow, taken])).toEqual([[0, 1], [0]])
    })

    test('stores texts, bytes, nulls and integers unchanged', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      const texts = ['', `'; DROP TABLE numbered; --`, 'ä€😀', '\\x41', 'x'.repeat(100_000)]
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      await database.commit([
        rawChange('CREATE TABLE kept (id int, text text, bytes bytea, whole bigint, nothing text)'),
      ])
      await database.commit(
        texts.map((text, id) =>
          rawChange('INSERT INTO kept VALUES (?, ?, ?, ?, ?)', [id, text, bytes, 9_223_372_036_854_775_807n, null]),
        ),
      )
      const retained = rawQuery<{ text: string }>('SELECT text, bytes, whole::text, nothing FROM kept ORDER BY id')
      expect(await database.read(retained)).toEqual(
        texts.map((text) => ({ text, bytes: Buffer.from(bytes), whole: '9223372036854775807', nothing: null })),
      )
    })

    test('of many changes is one message, and each change has the time limit to itself', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url, { statementTimeoutMs: 1_500, times: { answerGraceMs: 500 } })
      const slow = rawChange('SELECT pg_sleep(0.7)')
      expect(await database.commit([slow, ...insertNumberChanges(1), slow, slow, slow])).toEqual([1, 1, 1, 1, 1, 1])
      const many = Array.from({ length: 3_000 }, (_, i) => rawChange('INSERT INTO numbered VALUES (?)', [i + 2], 1))
      expect(await database.commit(many)).toEqual(many.map(() => 1))
      expect(await selectRows(url, 'SELECT count(*)::int AS count FROM numbered')).toEqual([{ count: 3_001 }])
    })
  })
}
