import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { POSTGRES_AGES, type PostgresAge } from './install-postgres.ts'
import type { SharedPostgres } from './shared-postgres.ts'

export type TestDatabase = AsyncDisposable & {
  /** The URL for a user who owns this database and is not a superuser. */
  url: string
  name: string
  /** Ends its connections and removes it, with its user. */
  drop: () => Promise<void>
}

/**
 * The server of this version that all test files of the run share; the first call starts it. It is for tests that
 * neither stop nor damage it. Use it with `peer`, so that its tests are skipped when PostgreSQL is not available.
 *
 * @throws when it is not available
 */
export async function startSharedPostgres(age: PostgresAge): Promise<SharedPostgres> {
  const response = await fetch(`${inject('sharedPostgres')}/${age}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as SharedPostgres
}

/** A new, empty database with its own user. */
export async function createTestDatabase(server: Pick<SharedPostgres, 'url'>): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const password = randomBytes(18).toString('base64url')
  await runAsSuperuser(server.url, [
    `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${name} OWNER ${name}`,
  ])
  const url = new URL(server.url)
  Object.assign(url, { username: name, password, pathname: name })
  const drop = () =>
    runAsSuperuser(server.url, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `DROP ROLE IF EXISTS ${name}`])
  return { url: url.href, name, drop, [Symbol.asyncDispose]: drop }
}

/** Whether this test file runs in the project for PostgreSQL. */
export function isOnPostgres(): boolean {
  return process.env.LAKESHORE_TEST_POSTGRES !== undefined
}

/**
 * A new PostgreSQL database for a test file that runs in the project for PostgreSQL, which sets
 * `LAKESHORE_TEST_POSTGRES` to the version; null in any other project.
 */
export async function createTestPostgres(): Promise<TestDatabase | null> {
  const age = POSTGRES_AGES.find((known) => known === process.env.LAKESHORE_TEST_POSTGRES)
  return age ? createTestDatabase(await startSharedPostgres(age)) : null
}

async function runAsSuperuser(connectionString: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
