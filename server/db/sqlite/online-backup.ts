import 'server-only'
import { writeFileSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import { COPIED_TABLES } from '../copied-tables'
import { requireKnownMigrations } from '../known-migrations'
import { toDamageError } from './damage'
import { toResultCode } from './result-code'

/** All at once: SQLite starts over whenever another process writes between two steps. Readers do not block writers. */
const ALL_PAGES = 2 ** 30
const SQLITE_FULL = 13

/** The content of the copy. */
export type BackedUpDatabase = { migrations: string[]; rowCounts: Record<string, number> }

/**
 * Copies a database that is in use, as a consistent snapshot, into one new file, and verifies the copy.
 *
 * @throws {AppError} database-damaged, storage-full, database-unavailable for a newer version
 */
export async function backUpDatabase(file: string, copy: string): Promise<BackedUpDatabase> {
  try {
    const source = new DatabaseSync(file, { readOnly: true })
    try {
      // SQLite keeps the mode of an existing file.
      writeFileSync(copy, '', { mode: 0o600, flag: 'wx' })
      await backup(source, copy, { rate: ALL_PAGES })
    } finally {
      source.close()
    }
    return inspectCopy(copy)
  } catch (error) {
    const damage = toDamageError(toResultCode(error), error)
    if (damage) throw damage
    if (toResultCode(error) === SQLITE_FULL)
      throw new AppError('storage-full', 'The disk of the backup is full. Nothing was backed up.', { cause: error })
    throw error
  }
}

function inspectCopy(copy: string): BackedUpDatabase {
  const database = new DatabaseSync(copy)
  try {
    // Makes one file that is complete without a log; opening it for use changes the mode back.
    database.exec('PRAGMA journal_mode = DELETE')
    const result = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check
    if (result !== 'ok') {
      throw new AppError('database-damaged', `The database is damaged: ${String(result)}. Nothing was backed up.`)
    }
    const names = database.prepare('SELECT name FROM lakeshore_migrations ORDER BY rowid').all()
    const migrations = names.map(({ name }) => String(name))
    requireKnownMigrations(new Set(migrations))
    const rowCounts = COPIED_TABLES.map(({ name }): [string, number] => {
      return [name, Number(database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.count)]
    })
    return { migrations, rowCounts: Object.fromEntries(rowCounts) }
  } finally {
    database.close()
  }
}
