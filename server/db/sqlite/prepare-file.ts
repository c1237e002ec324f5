import 'server-only'
import { chmodSync, existsSync } from 'node:fs'
import { createFolder } from '@/server/create-folder'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import { hasCatalogTables, createCatalogTables } from './catalog-tables'
import { requireKnownMigrations } from '../known-migrations'
import { toDamageError, RESTORE_HINT } from './damage'
import { requireOwnLog } from './foreign-log'
import { isLocked, toResultCode } from './result-code'
import { BASELINE_NAME, type Migration, MIGRATIONS, migrationNames } from '../migrations'
import { BASELINE } from './baseline'

const MIGRATION_TABLE =
  'CREATE TABLE lakeshore_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT'

/** Only while a file is created or migrated, before anything is served. */
const PREPARE_BUDGET_MS = 5_000
const PREPARE_PAUSE_MS = 25

/**
 * Creates the database file, or migrates an existing one (of an earlier version, of PyIceberg or of Java) to this
 * version. Blocks; writes nothing when there is nothing to do. Several processes may start at once.
 *
 * @throws {AppError} database-unavailable when the file cannot be opened, another program keeps it locked, or a newer
 *   version of Lakeshore or a build from before the baseline wrote it; database-damaged, also for a log that does not
 *   belong to the file
 */
export function prepareFile(file: string, { budgetMs = PREPARE_BUDGET_MS, migrations = MIGRATIONS } = {}): void {
  const deadlineMs = clock.elapsedMs() + budgetMs
  for (;;) {
    try {
      return prepare(file, migrations)
    } catch (error) {
      // Two processes that both change a new file to WAL do not wait for each other: SQLite refuses one of them at
      // once.
      if (isLocked(error) && clock.elapsedMs() < deadlineMs) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PREPARE_PAUSE_MS)
        continue
      }
      if (error instanceof AppError) throw error
      if (toDamageError(toResultCode(error), error)) throw damagedError(file, error)
      throw new AppError('database-unavailable', `The database ${file} could not be opened: ${String(error)}`, {
        cause: error,
      })
    }
  }
}

function damagedError(file: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AppError(
    'database-damaged',
    `The database ${file} cannot be read: ${reason}. Nothing was changed. ${RESTORE_HINT}`,
    { cause },
  )
}

function prepare(file: string, migrations: readonly Migration[]): void {
  createFolder(path.dirname(file))
  requireOwnLog(file)
  const isNew = !existsSync(file)
  const database = new DatabaseSync(file, { timeout: PREPARE_PAUSE_MS })
  try {
    // The file contains password hashes and the catalog: only its owner may read it.
    if (isNew) chmodSync(file, 0o600)
    if (readJournalMode(database) !== 'wal') database.exec('PRAGMA journal_mode = WAL')
    if (isPrepared(database, migrations)) return
    database.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
    createCatalogTables(database)
    if (!hasMigrationTable(database)) database.exec(MIGRATION_TABLE)
    const missing = readMissingMigrations(database, migrations)
    for (const { name, sqlite } of [{ name: BASELINE_NAME, sqlite: BASELINE }, ...migrations])
      if (missing.includes(name)) applyMigration(database, name, sqlite)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

function isPrepared(database: DatabaseSync, migrations: readonly Migration[]): boolean {
  return (
    hasMigrationTable(database) &&
    readMissingMigrations(database, migrations).length === 0 &&
    hasCatalogTables(database)
  )
}

function readMissingMigrations(database: DatabaseSync, migrations: readonly Migration[]): readonly string[] {
  const rows = database.prepare('SELECT name FROM lakeshore_migrations').all()
  const applied = new Set(rows.map(({ name }) => String(name)))
  const known = migrationNames(migrations)
  requireKnownMigrations(applied, known)
  return known.filter((name) => !applied.has(name))
}

function applyMigration(database: DatabaseSync, name: string, statements: readonly string[]): void {
  for (const statement of statements) database.exec(statement)
  database.prepare('INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES (?, ?)').run(name, clock.nowMs())
}

function hasMigrationTable(database: DatabaseSync): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'lakeshore_migrations'").get() !==
    undefined
  )
}

function readJournalMode(database: DatabaseSync): string {
  return String(database.prepare('PRAGMA journal_mode').get()?.journal_mode)
}
