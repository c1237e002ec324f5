import { describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import {
  captureErrorCode,
  errorWith,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  openWithShortLimits,
  commitWhenAccepted,
  createPreparedDatabase,
  selectRows,
  readStoredNumbers,
  connectExternalClient,
  waitForBlocked,
  UNTIL_SEEN,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { change } from '../statement'

/** Errors of a server for a statement that would work at another time. */
const TRANSIENT_CODES = {
  serialization_failure: '40001',
  deadlock_detected: '40P01',
  lock_not_available: '55P03',
  query_canceled: '57014',
  out_of_memory: '53200',
  too_many_connections: '53300',
  read_only_sql_transaction: '25006',
  admin_shutdown: '57P01',
}

/** `fail_first(n, code)` fails the first n calls of any client. */
async function createFailingFunction(url: string): Promise<void> {
  await selectRows(
    url,
    `CREATE SEQUENCE calls;
     CREATE FUNCTION fail_first(times int, code text) RETURNS int LANGUAGE plpgsql AS $$
       BEGIN
         IF nextval('calls') <= times THEN RAISE EXCEPTION 'by the test' USING ERRCODE = code; END IF;
         RETURN 1;
       END $$`,
  )
}

async function countCalls(url: string): Promise<number> {
  const [row] = await selectRows<{ calls: number }>(url, 'SELECT last_value::int AS calls FROM calls')
  return row?.calls ?? 0
}

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))

  describe.skipIf(server === null)(`The ${age} PostgreSQL (skipped if it is not available)`, () => {
    const shared = server ?? { url: '' }

    describe.each(Object.entries(TRANSIENT_CODES))('that answers %s', (_, code) => {
      test('gets the change and the query again until both work', async () => {
        const { url } = await createPreparedDatabase(shared)
        await createFailingFunction(url)
        const database = await openForTest(url)
        const failing = rawChange('SELECT fail_first(3, ?)', [code])
        expect(await database.commit([...insertNumberChanges(1), failing])).toEqual([1, 1, 1])
        expect(await countCalls(url)).toBe(4)
        expect(await readStoredNumbers(url)).toEqual([1])
        expect(await database.read(rawQuery('SELECT fail_first(6, ?) AS ok', [code]))).toEqual([{ ok: 1 }])
        expect(await countCalls(url)).toBe(7)
      })

      test('each time has changed nothing, and the error says so', async () => {
        const { url } = await createPreparedDatabase(shared)
        await createFailingFunction(url)
        const database = await openForTest(url, { times: { readBudgetMs: 300, writeBudgetMs: 300 } })
        const failing = rawChange('SELECT fail_first(1000000, ?)', [code])
        const busy = await database.commit([...insertNumberChanges(1), failing]).catch((error: unknown) => error)
        expect(busy).toEqual(errorWith('database-busy', /within 0.3 seconds. Nothing was changed/))
        expect(busy).toMatchObject({ facts: { pauseSeconds: 2 } })
        expect(await readStoredNumbers(url)).toEqual([])
        const reading = database.read(rawQuery('SELECT fail_first(1000000, ?) AS ok', [code]))
        await expect(reading).rejects.toEqual(errorWith('database-unavailable', /did not answer within 0.3 seconds/))
        expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
      })
    })

    test('detects a deadlock, and both transactions are committed', async () => {
      const { url } = await createPreparedDatabase(shared)
      await selectRows(url, 'INSERT INTO numbered VALUES (1), (2)')
      const database = await openForTest(url)
      const add = (number: number) =>
        rawChange('UPDATE numbered SET number = number + 10 WHERE number % 10 = ?', [number], 1)
      const other = await connectExternalClient(url)
      await other.query('SELECT pg_advisory_lock(77)')
      // Each one waits here with its first row.
      const meet = rawChange('SELECT pg_advisory_xact_lock_shared(77)')
      const both = Promise.all([database.commit([add(1), meet, add(2)]), database.commit([add(2), meet, add(1)])])
      await waitForBlocked(other, 2)
      await other.query('SELECT pg_advisory_unlock(77)')
      await both
      expect(await readStoredNumbers(url)).toEqual([21, 22])
      const countDeadlocks = async () => {
        const sql = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()'
        return (await selectRows<{ deadlocks: number }>(url, sql))[0]?.deadlocks
      }
      // The server counts them with some delay.
      await expect.poll(countDeadlocks, UNTIL_SEEN).toBeGreaterThan(0)
    })

    test('has a row locked by another client: the change waits for it, and is applied once', async () => {
      const { url } = await createPreparedDatabase(shared)
      await selectRows(url, 'INSERT INTO numbered VALUES (1)')
      const database = await openForTest(url, { statementTimeoutMs: 200 })
      const other = await connectExternalClient(url)
      await other.query('BEGIN; SELECT * FROM numbered FOR UPDATE')
      setTimeout(() => void other.query('ROLLBACK'), 1_000)
      expect(await database.commit([rawChange('UPDATE numbered SET number = number + 1', [], 1)])).toEqual([1])
      expect(await readStoredNumbers(url)).toEqual([2])
    })

    test('has a row locked by another client for too long: the change is refused, and not applied later', async () => {
      const { url } = await createPreparedDatabase(shared)
      await selectRows(url, 'INSERT INTO numbered VALUES (1)')
      const database = await openForTest(url, { statementTimeoutMs: 200, times: { writeBudgetMs: 1_000 } })
      const other = await connectExternalClient(url)
      await other.query('BEGIN; SELECT * FROM numbered FOR UPDATE')
      const add = rawChange('UPDATE numbered SET number = number + 1', [], 1)
      expect(await captureErrorCode(database.commit([add]))).toBe('database-busy')
      await other.query('ROLLBACK')
      expect(await readStoredNumbers(url)).toEqual([1])
      await commitWhenAccepted(database, [add])
      expect(await readStoredNumbers(url)).toEqual([2])
    })

    test('has a guard held by a stalled process: only changes that need it are refused', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url, { statementTimeoutMs: 200, times: { writeBudgetMs: 1_000 } })
      const other = await connectExternalClient(url)
      await other.query('BEGIN; SELECT pg_advisory_xact_lock(hashtext(current_schema()), 3)')
      const guarded = change(({ db }) => db.deleteFrom('tokens'), { guards: ['tokens'] })
      expect(await captureErrorCode(database.commit([guarded]))).toBe('database-busy')
      await commitWhenAccepted(database, insertNumberChanges(1))
    })

    test('cancels a statement that takes too long, and has changed nothing', async () => {
      const { url } = await createPreparedDatabase(shared)
      const times = { readBudgetMs: 500, writeBudgetMs: 500 }
      const database = await openWithShortLimits(url, { statementTimeoutMs: 200, times })
      const slow = rawChange('SELECT pg_sleep(60)')
      expect(await captureErrorCode(database.commit([...insertNumberChanges(1), slow]))).toBe('database-busy')
      expect(await captureErrorCode(database.read(rawQuery('SELECT pg_sleep(60)')))).toBe('database-unavailable')
      expect(await readStoredNumbers(url)).toEqual([])
      await commitWhenAccepted(database, insertNumberChanges(1))
    })

    test('is busy with slow statements on all connections: callers that wait for one are refused in time', async () => {
      const { url } = await createPreparedDatabase(shared)
      const times = { readBudgetMs: 500, writeBudgetMs: 500, connectTimeoutMs: 200 }
      const database = await openWithShortLimits(url, { poolSize: 2, times })
      const other = await connectExternalClient(url)
      await other.query('BEGIN; LOCK TABLE numbered')
      const slow = Promise.all([1, 2].map((number) => commitWhenAccepted(database, insertNumberChanges(number))))
      await waitForBlocked(other, 2)
      const codes = await Promise.all([
        captureErrorCode(database.commit(insertNumberChanges(3))),
        captureErrorCode(database.read(SELECT_ONE)),
      ])
      expect(codes).toEqual(['database-busy', 'database-unavailable'])
      await other.query('ROLLBACK')
      await slow
      expect(await readStoredNumbers(url)).toEqual([1, 2])
      await expect.poll(() => captureErrorCode(database.read(SELECT_ONE)), UNTIL_SEEN).toBe('done')
    })

    test('queues a thousand writes, and refuses more at once', async () => {
      const { url } = await createPreparedDatabase(shared)
      const database = await openForTest(url, { poolSize: 2 })
      const other = await connectExternalClient(url)
      await other.query('BEGIN; LOCK TABLE numbered')
      const waiting = Array.from({ length: 1_002 }, async (_, number) =>
        captureErrorCode(database.commit(insertNumberChanges(number))),
      )
      await expect(database.commit(insertNumberChanges(2_000))).rejects.toEqual(
        errorWith('database-busy', /1000 changes are already waiting for the database. Nothing was changed/),
      )
      await other.query('ROLLBACK')
      const codes = await Promise.all(waiting)
      expect(codes.filter((code) => code !== 'done' && code !== 'database-busy')).toEqual([])
      const done = [...codes.keys()].filter((number) => codes[number] === 'done')
      expect(await readStoredNumbers(url)).toEqual(done)
      expect(done.length).toBeGreaterThan(0)
    })

    test('has no connection left: further callers wait until one is free', async () => {
      const { url, name } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      await selectRows(shared.url, `ALTER DATABASE ${name} CONNECTION LIMIT 1`)
      const slow = rawChange('SELECT pg_sleep(0.3)')
      await Promise.all([1, 2, 3].map((number) => database.commit([...insertNumberChanges(number), slow])))
      await selectRows(shared.url, `ALTER DATABASE ${name} CONNECTION LIMIT -1`)
      expect(await readStoredNumbers(url)).toEqual([1, 2, 3])
    })
  })
}
