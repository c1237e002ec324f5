import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import {
  captureErrorCode,
  expectExactlyCommitted,
  errorWith,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  openWithShortLimits,
  type OpenOptions,
  createPreparedDatabase,
  selectRows,
  startWriters,
  readStoredNumbers,
  connectExternalClient,
  UNTIL_SEEN,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { type Direction, startTcpProxy, type TcpProxy } from '@/testing/faults/tcp-proxy'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import type { Database } from '../database'

const WRITERS = 16
const CUTS = 40
/** The bytes in the message of a lone COMMIT; in `READ COMMITTED` other bytes follow. */
const COMMIT = 'COMMIT\0'
const LOOK_UP = 'ON CONFLICT (id) DO UPDATE SET id'

type Proxied = { database: Database; proxy: TcpProxy; url: string }

async function openThroughProxy(server: { url: string }, opening: OpenOptions = {}): Promise<Proxied> {
  const { url } = await createPreparedDatabase(server)
  const proxy = await startTcpProxy({ port: Number(new URL(url).port) })
  onTestFinished(proxy.close)
  return { database: await openWithShortLimits(proxy.proxiedUrl(url), opening), proxy, url }
}

/** Fences of committed transactions, and of those that can never commit. */
async function countFences(url: string): Promise<{ commits: number; fences: number }> {
  const [row] = await selectRows<{ commits: number; fences: number }>(
    url,
    `SELECT count(*) FILTER (WHERE is_fence = 0)::int AS commits, count(*) FILTER (WHERE is_fence = 1)::int AS fences
     FROM commit_fences`,
  )
  return row ?? { commits: 0, fences: 0 }
}

/** Does something right before this process sends its next COMMIT. */
function beforeNextCommit(act: () => void): void {
  const { query } = Client.prototype
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
    if (args[0] === 'COMMIT') {
      spy.mockRestore()
      act()
    }
    return Reflect.apply(query, this, args)
  })
  onTestFinished(() => spy.mockRestore())
}

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))

  describe.skipIf(server === null)(`Connections to the ${age} PostgreSQL (skipped if it is not available)`, () => {
    const shared = server ?? { url: '' }

    test('are cut repeatedly under load: every reported commit is there once, and no other', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      const { commits: commitsBefore } = await countFences(url)
      const writers = startWriters(database, WRITERS)
      const reading = Promise.all(Array.from({ length: 200 }, async () => captureErrorCode(database.read(SELECT_ONE))))
      // This one loses a COMMIT for certain, the others by chance.
      const cutBeforeCommit = proxy.cutBeforeForwarding(COMMIT)
      for (let cuts = 0; cuts < CUTS; cuts += 1) {
        await writers.waitForCommits(1)
        await wait(Math.random() * 100)
        proxy.cut()
      }
      await cutBeforeCommit
      const outcomes = await writers.stop()
      expect(new Set(await reading)).toEqual(new Set(['done']))
      expect(outcomes).toMatchObject({ refused: [], unknown: [] })
      expect(outcomes.committed.length).toBeGreaterThan(WRITERS)
      await expectExactlyCommitted(url, outcomes)
      const { commits, fences } = await countFences(url)
      expect(commits - commitsBefore).toBe(outcomes.committed.length)
      expect(fences).toBeGreaterThan(0)
      expect(await captureErrorCode(database.commit(insertNumberChanges(1_000_000)))).toBe('done')
    })

    test('are cut before a statement, between statements and in a transaction: it is applied once', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      for (const [number, text] of ['BEGIN ISOLATION', 'INSERT INTO numbered', 'INSERT INTO audit'].entries()) {
        void proxy.cutBeforeForwarding(text)
        expect(await database.commit(insertNumberChanges(number))).toEqual([1, 1])
        void proxy.cutAfterClientSends(text)
        expect(await database.commit(insertNumberChanges(10 + number))).toEqual([1, 1])
      }
      expect(await readStoredNumbers(url)).toEqual([0, 1, 2, 10, 11, 12])
      expect(await countFences(url)).toMatchObject({ fences: 0 })
    })

    test('are cut before COMMIT arrives: the change is retried, and is applied once', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      const cut = proxy.cutBeforeForwarding(COMMIT)
      expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
      await cut
      expect(await readStoredNumbers(url)).toEqual([1])
      expect(await countFences(url)).toMatchObject({ fences: 1 })
    })

    test('are cut after COMMIT was executed: the change is looked up, and not repeated', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      const cut = proxy.cutAfterClientSends(COMMIT)
      expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
      await cut
      expect(await readStoredNumbers(url)).toEqual([1])
      expect(await countFences(url)).toMatchObject({ fences: 0 })
    })

    test.each([true, false])('are cut during the look-ups too, after a COMMIT that arrived: %s', async (hasArrived) => {
      const { database, proxy, url } = await openThroughProxy(shared)
      const cuts = [
        hasArrived ? proxy.cutAfterClientSends(COMMIT) : proxy.cutBeforeForwarding(COMMIT),
        proxy.cutBeforeForwarding(LOOK_UP),
        proxy.cutAfterClientSends(LOOK_UP),
        proxy.cutAfterClientSends(LOOK_UP),
      ]
      expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
      await Promise.all(cuts)
      expect(await readStoredNumbers(url)).toEqual([1])
      expect(await countFences(url)).toMatchObject({ fences: hasArrived ? 0 : 1 })
    })

    test('are cut before COMMIT arrives, and looked up long after: the outcome is unknown, because commit rows are stored for an hour', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      await selectRows(
        url,
        `CREATE FUNCTION age() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           NEW.at_ms := NEW.at_ms - 3600000; RETURN NEW; END $$;
         CREATE TRIGGER age BEFORE INSERT ON commit_fences FOR EACH ROW WHEN (NEW.is_fence = 0) EXECUTE FUNCTION age()`,
      )
      void proxy.cutBeforeForwarding(COMMIT)
      expect(await captureErrorCode(database.commit(insertNumberChanges(1)))).toBe('commit-state-unknown')
    })

    test.each([true, false])(
      'are not available for the look-up, after a COMMIT that arrived: %s',
      async (hasArrived) => {
        const { database, proxy, url } = await openThroughProxy(shared, { times: { lookUpBudgetMs: 700 } })
        const cut = hasArrived ? proxy.cutAfterClientSends(COMMIT) : proxy.cutBeforeForwarding(COMMIT)
        void cut.then(proxy.refuse)
        const startMs = performance.now()
        await expect(database.commit(insertNumberChanges(1))).rejects.toEqual(
          errorWith('commit-state-unknown', /the outcome could not be looked up/),
        )
        expect(performance.now() - startMs).toBeGreaterThan(200)
        expect(await readStoredNumbers(url)).toEqual(hasArrived ? [1] : [])
        await proxy.accept()
        expect(await captureErrorCode(database.commit(insertNumberChanges(2)))).toBe('done')
        expect(await readStoredNumbers(url)).toEqual(hasArrived ? [1, 2] : [2])
      },
    )

    test('stall during the look-up for too long: the outcome is unknown, and the error says so', async () => {
      // The client waits half a second for each answer.
      const times = { answerGraceMs: -29_500, lookUpBudgetMs: 1_000, connectTimeoutMs: 400 }
      const { database, proxy, url } = await openThroughProxy(shared, { statementTimeoutMs: 30_000, times })
      void proxy.cutAfterClientSends(COMMIT).then(() => proxy.stall())
      expect(await captureErrorCode(database.commit(insertNumberChanges(1)))).toBe('commit-state-unknown')
      proxy.resume()
      expect(await readStoredNumbers(url)).toEqual([1])
    })

    test.each<[Direction, statementTimeoutMs: number]>([
      ['to-server', 700],
      ['to-client', 30_000],
    ])(
      'stall %s at a COMMIT until it times out: it is looked up, and applied once',
      async (direction, statementTimeoutMs) => {
        // The client waits one second for each answer. The server's limit ends only transactions without a COMMIT.
        const times = { answerGraceMs: 1_000 - statementTimeoutMs, connectTimeoutMs: 400 }
        const { database, proxy, url } = await openThroughProxy(shared, { statementTimeoutMs, times })
        beforeNextCommit(() => {
          proxy.stall(direction)
          setTimeout(proxy.resume, 3_000)
        })
        expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
        expect(await readStoredNumbers(url)).toEqual([1])
        // The server rolled back the statements that did not arrive, and a late COMMIT must not apply them.
        // A slow attempt may be looked up like the first one.
        const { fences } = await countFences(url)
        expect(fences > 0).toBe(direction === 'to-server')
      },
    )

    test('stall at a COMMIT that arrives late, while it is looked up: it is applied once', async () => {
      const times = { answerGraceMs: -29_500, connectTimeoutMs: 400 }
      // The server waits for the rest of the transaction longer than the client waits for the answer.
      const { database, proxy, url } = await openThroughProxy(shared, { statementTimeoutMs: 30_000, times })
      beforeNextCommit(() => {
        proxy.stall('to-server')
        setTimeout(proxy.resume, 1_500)
      })
      expect(await database.commit(insertNumberChanges(1))).toEqual([1, 1])
      expect(await readStoredNumbers(url)).toEqual([1])
      expect(await countFences(url)).toMatchObject({ fences: 0 })
    })

    test.each<[Direction]>([['to-server'], ['to-client']])(
      'stall %s in a transaction: its locks end before the stall does, and it is applied once',
      async (direction) => {
        const times = { answerGraceMs: 300, connectTimeoutMs: 400 }
        // The server keeps the stalled transaction for this long, so that it is seen even on a slow machine.
        const { database, proxy, url } = await openThroughProxy(shared, { statementTimeoutMs: 6_000, times })
        await selectRows(url, 'INSERT INTO numbered VALUES (1)')
        const other = await connectExternalClient(url)
        await database.read(SELECT_ONE)
        // The server executes all statements. In one direction COMMIT is held back, in the other the server's answers.
        if (direction === 'to-server') beforeNextCommit(() => proxy.stall(direction))
        else proxy.stall(direction)
        const add = rawChange('UPDATE numbered SET number = number + 1', [], 1)
        const committing = database.commit([add])
        await expect.poll(() => isAnyIdleInTransaction(other), UNTIL_SEEN).toBe(true)
        // It waits for the stalled transaction, which its client cannot end.
        await other.query('UPDATE numbered SET number = number + 10')
        proxy.resume()
        expect(await committing).toEqual([1])
        expect(await readStoredNumbers(url)).toEqual([12])
      },
    )

    test('stall: a read times out, and is retried until it succeeds', async () => {
      const times = { answerGraceMs: 200, connectTimeoutMs: 300, readBudgetMs: 1_000 }
      const { database, proxy, url } = await openThroughProxy(shared, { statementTimeoutMs: 300, times })
      const patientTimes = { answerGraceMs: 200, connectTimeoutMs: 300 }
      const patient = await openForTest(proxy.proxiedUrl(url), { statementTimeoutMs: 300, times: patientTimes })
      proxy.stall('to-client')
      expect(await captureErrorCode(database.read(SELECT_ONE))).toBe('database-unavailable')
      setTimeout(proxy.resume, 1_000) // the first attempt has timed out by then
      expect(await patient.read(SELECT_ONE)).toEqual([{ one: 1 }])
    })

    test('are refused: open ones keep working, reads and writes without one fail in time, and then recover', async () => {
      const times = { readBudgetMs: 500, writeBudgetMs: 500 }
      const { database, proxy, url } = await openThroughProxy(shared, { times })
      proxy.refuse()
      expect(await captureErrorCode(database.commit(insertNumberChanges(1)))).toBe('done')
      proxy.cut()
      const codes = [
        captureErrorCode(database.commit(insertNumberChanges(2))),
        captureErrorCode(database.read(SELECT_ONE)),
      ]
      expect(await Promise.all(codes)).toEqual(['database-busy', 'database-unavailable'])
      await proxy.accept()
      expect(await captureErrorCode(database.commit(insertNumberChanges(3)))).toBe('done')
      expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
      expect(await readStoredNumbers(url)).toEqual([1, 3])
    })

    test('are refused for a while: reads and writes wait', async () => {
      const { database, proxy, url } = await openThroughProxy(shared)
      proxy.refuse()
      proxy.cut()
      setTimeout(() => void proxy.accept(), 1_000)
      expect(await Promise.all([database.commit(insertNumberChanges(1)), database.read(SELECT_ONE)])).toEqual([
        [1, 1],
        [{ one: 1 }],
      ])
      expect(await readStoredNumbers(url)).toEqual([1])
    })

    test('are ended by the server, idle ones and busy ones: no caller notices', async () => {
      const { database, url } = await openThroughProxy(shared)
      await Promise.all([database.read(SELECT_ONE), database.read(SELECT_ONE), database.read(SELECT_ONE)])
      const other = await connectExternalClient(url)
      const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
      await other.query(endAll)
      expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
      const slow = database.read(rawQuery('SELECT pg_sleep(0.5)::text AS slept'))
      const writing = database.commit([...insertNumberChanges(1), rawChange('SELECT pg_sleep(0.5)')])
      await wait(200)
      await other.query(endAll)
      expect(await slow).toEqual([{ slept: '' }])
      expect(await writing).toEqual([1, 1, 1])
      expect(await readStoredNumbers(url)).toEqual([1])
    })
  })
}

async function isAnyIdleInTransaction(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
  )
  return rows.length > 0
}
