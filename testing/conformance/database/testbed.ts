import { afterAll, beforeAll, expect } from 'vitest'
import { rawQuery } from '@/testing/databases/test-sql'
import type { Database, SqlValue } from '@/server/db/database'
import { addUser } from '@/server/db/auth/users'

/** Opens a new, empty database; closing it removes it. */
export type OpenDatabase = () => Promise<Database>

/** A database that the tests of one `describe` share. */
export function setUpDatabase(open: OpenDatabase): () => Database {
  let database: Database | null = null
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database?.close())
  return () => {
    if (!database) throw new Error('the database is not open yet')
    return database
  }
}

/** An error with this code, as `AppError` has it. */
export const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

/** A transaction that was rolled back by its change `index`. */
export const undoneAtChange = (index: number, changes = 0) =>
  expect.objectContaining({ name: 'UnexpectedChanges', index, changes })

/** How many operations run concurrently. */
export const CONCURRENCY = 16

export type Outcome<T> = { done: T[]; refused: unknown[] }

/** Runs the work this many times concurrently, and waits for all. */
export async function runConcurrently<T>(work: (i: number) => Promise<T>, times = CONCURRENCY): Promise<Outcome<T>> {
  const settled = await Promise.allSettled(Array.from({ length: times }, (_, i) => work(i)))
  return {
    done: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    refused: settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])),
  }
}

/**
 * Names whose order in a language differs from that of their bytes, or that patterns and ranges could mistake for
 * others.
 */
export const NAMES: readonly string[] = [
  'B',
  'a',
  'A',
  'ä',
  'a-b',
  'a.b',
  'a/b',
  'a0',
  'ab',
  'a b',
  'a_b',
  'a%b',
  'Z',
  'é',
  'e\u0301',
  'ß',
  'ss',
  '10',
  '9',
  '\u{1F600}',
  '\uFB00',
  `long${'-'.repeat(240)}a`,
  `long${'-'.repeat(240)}B`,
]

/** Texts that a careless statement would misinterpret. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  "it's",
  '"quoted"',
  'back\\slash',
  '%',
  '_',
  '$1',
  '?',
  ':name',
  '-- ; DROP TABLE audit',
  "'); DELETE FROM audit; --",
  '\\u0000',
  'tab\tand\r\nline',
  '\u0001\u001F\u007F',
  'größe 数据 \u{1F469}\u200D\u{1F4BB}',
]

/** Larger than a page of any database. */
export const LONG_TEXT: string = 'long ä'.repeat(5_000)

/** As long as PostgreSQL allows a location or a property's value to be. */
export const MAX_LENGTH_VALUE: string = `file:///ä/${'%_'.repeat(495)}`

/** The greatest exact integer. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER

/** The order of text in both databases. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

export async function selectRows(
  database: Database,
  sql: string,
  params: readonly SqlValue[] = [],
): Promise<Record<string, SqlValue>[]> {
  return database.read(rawQuery<Record<string, SqlValue>>(sql, params))
}

export async function countRows(database: Database, table: string): Promise<number> {
  const [row] = await selectRows(database, `SELECT count(*) AS count FROM ${table}`)
  return Number(row?.count)
}

let userCount = 0

/** Adds a user and returns their id. */
export async function addTestUser(database: Database, role: 'viewer' | 'editor' | 'admin' = 'viewer'): Promise<string> {
  userCount += 1
  return addUser(database, {
    username: `user-${userCount}`,
    passwordHash: 'hash',
    hasGeneratedPassword: false,
    role,
  })
}
