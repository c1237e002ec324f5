import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import {
  captureErrorCode,
  expectExactlyCommitted,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  createPreparedDatabase,
  selectRows,
  startWriters,
  readStoredNumbers,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES, installPostgres } from '@/testing/databases/install-postgres'
import { type PostgresServer, startPostgres } from '@/testing/databases/postgres-server'
import type { Database } from '../database'

const WRITERS = 16
const UNTIL_REACHABLE = { timeout: 60_000, interval: 50 }
const program = await installOrSkip('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(installPostgres)))

describe.skipIf(program === null).each(POSTGRES_AGES)('The %s PostgreSQL (skipped if it is not available)', (age) => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres({ age })
  })
  afterAll(() => server?.stop())

  const FAULTS: [string, () => Promise<void>][] = [
    ['is restarted', () => server.restart()],
    [
      'is killed and started again',
      async () => {
        await server.kill9()
        await wait(200)
        await server.restart()
      },
    ],
    [
      'loses one of its processes and recovers by itself',
      async () => {
        const backends = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`
        // It may still be recovering from the last time.
        const watcher = await vi.waitFor(() => connect(server.url), UNTIL_REACHABLE)
        const { rows } = await watcher.query<{ pid: number }>(backends)
        const cut = new Promise((resolve) => void watcher.once('end', resolve))
        if (!rows[0]) throw new Error('no writer is connected')
        process.kill(rows[0].pid, 'SIGKILL')
        await cut // the server has noticed, and ends all other connections, too
      },
    ],
  ]

  test.each(FAULTS)('%s three times under load: every reported commit is there once, and no other', async (_, act) => {
    const { url } = await createPreparedDatabase(server)
    const database = await openForTest(url)
    const writers = startWriters(database, WRITERS)
    const readers = startReader(database)
    for (let i = 0; i < 3; i += 1) {
      await writers.waitForCommits(WRITERS)
      await act()
    }
    await writers.waitForCommits(WRITERS)
    const outcomes = await writers.stop()
    expect(new Set(await readers.stop())).toEqual(new Set(['done']))
    expect(outcomes).toMatchObject({ refused: [], unknown: [] })
    expect(outcomes.committed.length).toBeGreaterThan(WRITERS)
    await expectExactlyCommitted(url, outcomes)
  })

  test('is down for longer than any budget: writes and reads fail with their errors, and then recover', async () => {
    const { url } = await createPreparedDatabase(server)
    const times = { readBudgetMs: 400, writeBudgetMs: 400, lookUpBudgetMs: 400 }
    const database = await openForTest(url, { times })
    const writers = startWriters(database, WRITERS)
    const readers = startReader(database)
    await wait(700)
    await server.kill9()
    await wait(1_500)
    expect(await captureErrorCode(database.read(SELECT_ONE))).toBe('database-unavailable')
    expect(await captureErrorCode(database.commit(insertNumberChanges(-1)))).toBe('database-busy')
    await server.restart()
    await expect.poll(() => captureErrorCode(database.read(SELECT_ONE)), { timeout: 60_000 }).toBe('done')
    await wait(700)
    const outcomes = await writers.stop()
    expect(new Set(await readers.stop())).toEqual(new Set(['done', 'database-unavailable']))
    expect(outcomes.refused.length).toBeGreaterThan(0)
    // At most the transactions that were on their way to the server when it was killed.
    expect(outcomes.unknown.length).toBeLessThanOrEqual(WRITERS)
    await expectExactlyCommitted(url, outcomes)
    expect(await readStoredNumbers(url)).not.toContain(-1)
  })

  test('becomes a standby: reads work and changes are refused until it is the primary again', async () => {
    const { url } = await createPreparedDatabase(server)
    const database = await openForTest(url, { times: { writeBudgetMs: 400 } })
    await database.commit(insertNumberChanges(1))
    writeFileSync(path.join(server.dataDir, 'standby.signal'), '')
    await server.restart()
    expect(await captureErrorCode(database.commit(insertNumberChanges(2)))).toBe('database-busy')
    expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
    await selectRows(server.url, 'SELECT pg_promote()')
    await expect.poll(() => captureErrorCode(database.commit(insertNumberChanges(3))), { timeout: 60_000 }).toBe('done')
    expect(await readStoredNumbers(url)).toEqual([1, 3])
  })

  test('is being started: opening it waits', async () => {
    const { url } = await createPreparedDatabase(server)
    await server.kill9()
    const opening = openForTest(url)
    await wait(500)
    await server.restart()
    expect(await (await opening).read(SELECT_ONE)).toEqual([{ one: 1 }])
  })
})

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {}) // `end` follows
  await client.connect()
  return client
}

/** Reads repeatedly until it is stopped. */
function startReader(database: Database): { stop: () => Promise<string[]> } {
  const codes: string[] = []
  const stopping = new AbortController()
  const read = async () => {
    while (!stopping.signal.aborted) {
      codes.push(await captureErrorCode(database.read(SELECT_ONE)))
      await wait(5)
    }
  }
  const reading = read()
  reading.catch(() => {}) // stop() returns it
  return {
    stop: async () => {
      stopping.abort()
      await reading
      return codes
    },
  }
}
