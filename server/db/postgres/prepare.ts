import 'server-only'
import type { ClientBase } from 'pg'
import { AppError } from '@/lib/errors'
import { BASELINE_NAME, type Migration, MIGRATIONS, migrationNames } from '../migrations'
import { requireKnownMigrations } from '../known-migrations'
import { BASELINE, CATALOG_TABLES, COMMIT_FENCES } from './baseline'
import { quoteIdentifier } from './connections'
import { classifyFailure } from './failures'

/** Versions before 14 lack features that the statements use. */
const MIN_VERSION = 140_000
/** One of our keys for the server's advisory locks, next to the hash of the schema's name. */
export const MIGRATION_LOCK = 'lakeshore migrations'

/**
 * Creates the schema and its tables, or migrates them to this version. Several processes may start at once: an advisory
 * lock lets one of them do it, and the others find it done.
 *
 * @throws {AppError} database-unavailable when another process holds the lock for too long, a newer version of
 *   Lakeshore or a build from before the baseline wrote the database, or the version of PostgreSQL is too old
 */
export async function prepareSchema(
  client: ClientBase,
  schema: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await client.query('BEGIN')
  await requireVersion(client)
  await lockSchema(client, schema)
  if (!(await isPrepared(client, migrations))) {
    await createSchema(client, quoteIdentifier(schema))
    await migrate(client, migrations)
  }
  await client.query('COMMIT')
}

async function requireVersion(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
  const version = Number(rows[0]?.server_version_num)
  if (version >= MIN_VERSION) return
  throw new AppError(
    'database-unavailable',
    `Lakeshore needs PostgreSQL 14 or newer; this server is ${Math.floor(version / 10_000)}.`,
  )
}

async function lockSchema(client: ClientBase, schema: string): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))', [MIGRATION_LOCK, schema])
  } catch (error) {
    const failure = classifyFailure(error)
    if (failure.kind !== 'transient' || failure.isConnectionLost) throw error
    throw new AppError(
      'database-unavailable',
      'Another process is changing the tables of the database. Start again when it is done.',
      { cause: error },
    )
  }
}

/** If the schema exists, this needs no permission to create one. */
async function createSchema(client: ClientBase, name: string): Promise<void> {
  const { rows } = await client.query<{ found: string | null }>('SELECT to_regnamespace($1)::text AS found', [name])
  if ((rows[0]?.found ?? null) === null) await client.query(`CREATE SCHEMA ${name}`)
}

async function isPrepared(client: ClientBase, migrations: readonly Migration[]): Promise<boolean> {
  const { rows } = await client.query<{ found: string | null }>(
    "SELECT to_regclass('lakeshore_migrations')::text AS found",
  )
  if ((rows[0]?.found ?? null) === null) return false
  const applied = await readAppliedMigrations(client)
  const known = migrationNames(migrations)
  requireKnownMigrations(applied, known)
  return known.every((name) => applied.has(name)) && (await hasCatalogTables(client))
}

async function hasCatalogTables(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('lakeshore_tables_by_location') IS NOT NULL
      AND to_regclass('lakeshore_tables_by_name') IS NOT NULL
      AND to_regclass('lakeshore_namespaces_by_name') IS NOT NULL
      AND EXISTS (SELECT 1 FROM pg_attribute
        WHERE attrelid = to_regclass('iceberg_tables') AND attname = 'iceberg_type' AND NOT attisdropped) AS found`,
  )
  return rows[0]?.found ?? false
}

async function readAppliedMigrations(client: ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM lakeshore_migrations')
  return new Set(rows.map(({ name }) => name))
}

async function migrate(client: ClientBase, migrations: readonly Migration[]): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS lakeshore_migrations (
      name TEXT COLLATE "C" NOT NULL PRIMARY KEY, applied_at_ms BIGINT NOT NULL)`,
  )
  for (const statement of [...CATALOG_TABLES, ...COMMIT_FENCES]) await client.query(statement)
  const applied = await readAppliedMigrations(client)
  for (const { name, postgres } of [{ name: BASELINE_NAME, postgres: BASELINE }, ...migrations]) {
    if (applied.has(name)) continue
    for (const statement of postgres) await client.query(statement)
    await recordMigration(client, name)
  }
}

async function recordMigration(client: ClientBase, name: string): Promise<void> {
  await client.query(
    `INSERT INTO lakeshore_migrations (name, applied_at_ms)
      VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`,
    [name],
  )
}
