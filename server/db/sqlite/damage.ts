import 'server-only'
import { AppError } from '@/lib/errors'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'

/** SQLite result codes. */
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/** Advice for people. */
export const RESTORE_HINT = `Stop Lakeshore and restore a backup (${lakeshoreCommands.restore(null)}), without the old lakeshore.db-wal and lakeshore.db-shm; docs/operations.md, Backup and restore, has the steps.`

/** @returns null for a result code that does not mean damage */
export function toDamageError(code: number, cause: unknown): AppError | null {
  if (code === SQLITE_IOERR) {
    return new AppError(
      'database-damaged',
      `The disk could not read or write the database. Nothing was changed. Check the disk first. ${RESTORE_HINT}`,
      { cause },
    )
  }
  if (!isPermanentDamage(code)) return null
  return new AppError(
    'database-damaged',
    `The database contains bytes that SQLite cannot have written. Nothing was changed. ${RESTORE_HINT}`,
    { cause },
  )
}

/** Whether the file itself is damaged: each further write could lose more. A disk error may be temporary. */
export function isPermanentDamage(code: number): boolean {
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}
