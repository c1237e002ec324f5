import 'server-only'
import { sql } from 'kysely'
import type { Database, Query } from './database'
import { migrationNames } from './migrations'
import { requireKnownMigrations } from './known-migrations'
import { change, query } from './statement'

/** Writes one row, durably, to check that the database accepts writes. */
export async function probeWrite(database: Database): Promise<void> {
  const probe = change(
    ({ db, nowMs }) =>
      db
        .insertInto('write_probe')
        .values({ id: 1, at_ms: nowMs })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(({ ref }) => ({ at_ms: ref('excluded.at_ms') }))),
    { expectedRows: 1 },
  )
  await database.commit([probe])
}

/**
 * Reads a row from each table that requests depend on, by its index, and at both ends of the audit. This usually
 * detects a file that lost pages, at a cost that does not grow with the file.
 *
 * @throws {AppError} database-damaged, database-unavailable
 */
export async function probeRead(database: Database): Promise<void> {
  for (const sample of SAMPLE_QUERIES) await database.read(sample)
}

/** Whether the database was never used: it has no table, no namespace, no user and no audit entry. */
export async function isUnused(database: Database): Promise<boolean> {
  for (const usageQuery of USAGE_QUERIES) if ((await database.read(usageQuery)).length > 0) return false
  return true
}

/**
 * Names of the migrations that this version has and the database lacks.
 *
 * @throws {AppError} database-unavailable when a newer version has changed the database since this process started
 */
export async function readMissingMigrations(database: Database): Promise<string[]> {
  const applied = await database.read(APPLIED_MIGRATIONS)
  const names = new Set(applied.map(({ name }) => name))
  requireKnownMigrations(names)
  return migrationNames().filter((name) => !names.has(name))
}

const APPLIED_MIGRATIONS = query(({ db }) => db.selectFrom('lakeshore_migrations').select('name'))

const SAMPLE_QUERIES: readonly Query<unknown>[] = [
  query(({ db }) => db.selectFrom('audit').selectAll().orderBy('seq').limit(1)),
  query(({ db }) => db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(1)),
  query(({ db }) => db.selectFrom('iceberg_tables').selectAll().limit(1)),
  query(({ db }) => db.selectFrom('iceberg_namespace_properties').selectAll().limit(1)),
  query(({ db }) => db.selectFrom('users').selectAll().orderBy('id').limit(1)),
  query(({ db }) => db.selectFrom('runs').selectAll().orderBy('id', 'desc').limit(1)),
]

const USAGE_QUERIES: readonly Query<unknown>[] = (
  ['iceberg_tables', 'iceberg_namespace_properties', 'users', 'audit'] as const
).map((table) => query(({ db }) => db.selectFrom(table).select(sql.lit(1).as('one')).limit(1)))
