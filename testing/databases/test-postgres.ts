import { createHash, randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { openPostgres } from '@/server/db/postgres/open'
import { SILENT_LOG } from '@/testing/silent-log'
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
  const name = newName()
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
 * A new PostgreSQL database with Lakeshore's tables for a test file that runs in the project for PostgreSQL, which sets
 * `LAKESHORE_TEST_POSTGRES` to the version; null in any other project. These databases have one owner, and are copies
 * of one that was created once, because creating the tables takes longer than copying them.
 */
export async function createTestPostgres(): Promise<TestDatabase | null> {
  const age = POSTGRES_AGES.find((known) => known === process.env.LAKESHORE_TEST_POSTGRES)
  if (!age) return null
  const server = await startSharedPostgres(age)
  const owner = await findTemplateOwner(server)
  const name = newName()
  await runAsSuperuser(server.url, [`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER ${TEMPLATE}`])
  const drop = () => runAsSuperuser(server.url, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`])
  return { url: urlOf(server, owner, name), name, drop, [Symbol.asyncDispose]: drop }
}

/** The name of the copied database, and of its owner. */
const TEMPLATE = 'lakeshore_template'
/** A key for the server's advisory locks: of several processes, one creates the database. */
const TEMPLATE_LOCK = 1

/** Creates the database that is copied, unless another test file has. @returns the owner's password */
function findTemplateOwner(server: SharedPostgres): Promise<string> {
  // A password of each server, which is not stored.
  const password = createHash('sha256').update(server.url).digest('base64url')
  return withSuperuser(server.url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE])
    if (rowCount === 1) return password
    await client.query(`CREATE ROLE ${TEMPLATE} LOGIN PASSWORD '${password}'`)
    await client.query(`CREATE DATABASE ${TEMPLATE} OWNER ${TEMPLATE}`)
    const url = urlOf(server, password, TEMPLATE)
    const settings = { url, schema: 'lakeshore', poolSize: 1, statementTimeoutMs: 30_000 }
    await (await openPostgres(settings, SILENT_LOG)).close()
    return password
  })
}

function urlOf(server: Pick<SharedPostgres, 'url'>, password: string, name: string): string {
  return Object.assign(new URL(server.url), { username: TEMPLATE, password, pathname: name }).href
}

function newName(): string {
  return `test_${randomBytes(8).toString('hex')}`
}

function runAsSuperuser(connectionString: string, statements: readonly string[]): Promise<void> {
  return withSuperuser(connectionString, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}

async function withSuperuser<Result>(
  connectionString: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
