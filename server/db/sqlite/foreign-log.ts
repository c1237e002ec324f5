import 'server-only'
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import { isPermanentDamage } from './damage'
import { toResultCode } from './result-code'

/** Of the header of a write-ahead log: two salts, which SQLite draws whenever it begins the log again. */
const SALTS = { offset: 16, length: 8 }

/**
 * Looks at the write-ahead log that lies next to a database file, before anything else opens the two: SQLite applies
 * whatever log it finds. Call it before each opening that may write. Where there is no log it costs nothing; otherwise
 * it reads every page, because a process was killed, or others have the file open.
 *
 * It leaves both files as they are: a connection that only reads moves no log when it is closed.
 *
 * @throws {AppError} database-damaged for a log that does not belong to the file, and for damaged pages
 */
export function requireOwnLog(file: string): void {
  if (readSizeBytes(`${file}-wal`) > 0) {
    if (readSizeBytes(file) === 0) throw foreignLogError(file, `${file} is missing or empty`)
    if (readMark(file) === readPairIdentity(file)) {
      throw foreignLogError(file, `${file} was exchanged or written over while Lakeshore was running`)
    }
    const damage = findDamage(file)
    if (damage !== null) throw foreignLogError(file, damage.replaceAll(/\s+/g, ' '))
  }
  rmSync(markPath(file), { force: true })
}

/** Writes down that the file and the log that lie there now do not belong together, for the next start. */
export function markForeignLog(file: string): void {
  const pair = readPairIdentity(file)
  if (pair !== null) writeFileSync(markPath(file), pair, { mode: 0o600 })
}

function findDamage(file: string): string | null {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const result = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check)
    return result === 'ok' ? null : result
  } catch (error) {
    if (error instanceof Error && isPermanentDamage(toResultCode(error))) return error.message
    throw error
  } finally {
    database.close()
  }
}

function foreignLogError(file: string, reason: string): AppError {
  return new AppError(
    'database-damaged',
    `The database ${file} cannot be used together with its write-ahead log: ${reason}. Nothing was changed. Stop every process of Lakeshore, remove ${file}-wal and ${file}-shm, put a whole copy of the database in place, and start again; docs/operations.md, Backup and restore, has the steps.`,
  )
}

/** What tells this file next to this log from any other pair; null where one of them is not there. */
function readPairIdentity(file: string): string | null {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  const salts = readSalts(`${file}-wal`)
  return stats && salts ? [stats.dev, stats.ino, stats.size, stats.mtimeNs, salts].join(' ') : null
}

function readSalts(log: string): string | null {
  if (readSizeBytes(log) === 0) return null
  const header = Buffer.alloc(SALTS.offset + SALTS.length)
  const handle = openSync(log, 'r')
  try {
    readSync(handle, header, 0, header.length, 0)
  } finally {
    closeSync(handle)
  }
  return header.toString('hex', SALTS.offset)
}

function markPath(file: string): string {
  return `${file}-replaced`
}

function readMark(file: string): string | null {
  return readSizeBytes(markPath(file)) > 0 ? readFileSync(markPath(file), 'utf8') : null
}

function readSizeBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
