import { setTimeout as wait } from 'node:timers/promises'
import { Client, type QueryResultRow } from 'pg'
import { expect, onTestFinished, vi } from 'vitest'
import { AppError, type ErrorCode } from '@/lib/errors'
import { SILENT_LOG } from '@/testing/silent-log'
import type { Change, Database } from '@/server/db/database'
import { openPostgres } from '@/server/db/postgres/open'
import type { PostgresSettings } from '@/server/config/postgres-settings'
import type { PostgresTimeouts } from '@/server/db/postgres/timeouts'
import { createTestDatabase, type TestDatabase } from './test-postgres'
import { rawChange, rawQuery } from './test-sql'

/** Shared code of the tests for failures of the PostgreSQL adapter. */

export const SCHEMA = 'lakeshore'

export type OpenOptions = Partial<PostgresSettings> & { times?: Partial<PostgresTimeouts> }

/** A busy machine never exceeds these limits. A test whose fault exceeds one makes that one short. */
const PATIENT_TIMES: PostgresTimeouts = {
  readBudgetMs: 120_000,
  writeBudgetMs: 120_000,
  lookUpBudgetMs: 120_000,
  connectTimeoutMs: 60_000,
  answerGraceMs: 30_000,
}
/** For states that come soon, or late on a busy machine. */
export const UNTIL_SEEN = { timeout: 60_000, interval: 20 }

/** Opens the database as Lakeshore does, and closes it at the end of the test. */
export async function openForTest(url: string, { times = {}, ...settings }: OpenOptions = {}): Promise<Database> {
  const database = await openPostgres(
    { url, schema: SCHEMA, poolSize: 10, statementTimeoutMs: 30_000, ...settings },
    SILENT_LOG,
    { ...PATIENT_TIMES, ...times },
  )
  onTestFinished(() => database.close())
  return database
}

/** The same with limits that a busy machine exceeds even while the database is opened: then it is opened again. */
export function openWithShortLimits(url: string, options: OpenOptions): Promise<Database> {
  return vi.waitFor(() => openForTest(url, options), UNTIL_SEEN)
}

/** An empty database for one test. */
export async function createDatabaseForTest(server: { url: string }): Promise<TestDatabase> {
  const database = await createTestDatabase(server)
  onTestFinished(database.drop)
  return database
}

/**
 * A database with Lakeshore's tables and `numbered`, a table without a unique key, so that a number can be there twice.
 */
export async function createPreparedDatabase(server: { url: string }): Promise<TestDatabase> {
  const database = await createDatabaseForTest(server)
  await createNumberedTable(database.url)
  return database
}

export async function createNumberedTable(url: string): Promise<void> {
  const database = await openPostgres({ url, schema: SCHEMA, poolSize: 2, statementTimeoutMs: 60_000 }, SILENT_LOG)
  await database.commit([rawChange('CREATE TABLE numbered (number bigint NOT NULL)')])
  await database.close()
}

/** Connects as another program would, with its own connection. */
export async function connectExternalClient(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, options: `-c search_path=${SCHEMA}` })
  client.on('error', () => {}) // a failing query reports its own error
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

export async function selectRows<Row extends QueryResultRow>(
  url: string,
  sql: string,
  params: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url, options: `-c search_path=${SCHEMA}` })
  await client.connect()
  try {
    return (await client.query<Row>(sql, params)).rows
  } finally {
    await client.end()
  }
}

/** Adds the number once, with an audit entry like every change of Lakeshore. */
export function insertNumberChanges(number: number): Change[] {
  return [
    rawChange('INSERT INTO numbered (number) VALUES (?)', [number], 1),
    rawChange(
      `INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES (?, 1, 'test', 'test', 'test')`,
      [`number-${number}`],
      1,
    ),
  ]
}

/** The numbers in the table, in order, including duplicates. */
export async function readStoredNumbers(url: string): Promise<number[]> {
  const rows = await selectRows<{ number: string }>(url, 'SELECT number::text FROM numbered ORDER BY numbered.number')
  return rows.map(({ number }) => Number(number))
}

export const SELECT_ONE = rawQuery<{ one: number }>('SELECT 1 AS one')

export function errorWith(code: ErrorCode, messagePattern: RegExp = /./): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(messagePattern) })
}

export async function captureErrorCode(work: Promise<unknown>): Promise<ErrorCode | 'done'> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

/** Commits once the database accepts it. A refusal has changed nothing, so it is applied once. */
export async function commitWhenAccepted(database: Database, changes: readonly Change[]): Promise<void> {
  await expect.poll(() => captureErrorCode(database.commit(changes)), UNTIL_SEEN).toBe('done')
}

/** Waits until this many transactions of the client's database wait for a table's or an advisory lock. */
export async function waitForBlocked(client: Client, count: number): Promise<void> {
  const blocked = `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND NOT granted`
  await expect.poll(async () => (await client.query(blocked)).rowCount, UNTIL_SEEN).toBe(count)
}

export type Outcomes = { committed: number[]; refused: number[]; unknown: number[] }

export type Writers = {
  /** Waits until this many more commits were reported. A fixed time may have none on a slow machine. */
  waitForCommits: (count: number) => Promise<void>
  stop: () => Promise<Outcomes>
}

/** Starts writers that commit one number after another until they are stopped. */
export function startWriters(database: Database, count: number): Writers {
  const outcomes: Outcomes = { committed: [], refused: [], unknown: [] }
  const stopping = new AbortController()
  let next = 0
  const write = async () => {
    while (!stopping.signal.aborted) {
      next += 1
      const number = next
      const code = await captureErrorCode(database.commit(insertNumberChanges(number)))
      if (code === 'done') outcomes.committed.push(number)
      else if (code === 'database-busy') outcomes.refused.push(number)
      else if (code === 'commit-state-unknown') outcomes.unknown.push(number)
      else throw new Error(`a commit failed with ${code}`)
      await wait(1)
    }
  }
  const writing = Promise.all(Array.from({ length: count }, write))
  writing.catch(() => {}) // stop() returns it
  return {
    waitForCommits: async (more) => {
      const committedCount = outcomes.committed.length + more
      await vi.waitUntil(() => outcomes.committed.length >= committedCount, { timeout: 120_000, interval: 5 })
    },
    stop: async () => {
      stopping.abort()
      await writing
      return outcomes
    },
  }
}

/** Expects every committed number exactly once, no refused number, and no duplicates. */
export async function expectExactlyCommitted(url: string, { committed, refused, unknown }: Outcomes): Promise<void> {
  const stored = await readStoredNumbers(url)
  const unknownNumbers = new Set(unknown)
  expect(stored.filter((number) => !unknownNumbers.has(number))).toEqual(committed.toSorted((a, b) => a - b))
  expect(new Set(stored).size).toBe(stored.length)
  const isStored = new Set(stored)
  expect(refused.filter((number) => isStored.has(number))).toEqual([])
  const auditCounts = await selectRows<{ count: number }>(url, 'SELECT count(*)::int AS count FROM audit')
  expect(auditCounts).toEqual([{ count: stored.length }])
}
