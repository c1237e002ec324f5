import 'server-only'
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import { isPermanentDamage } from './damage'
import { toResultCode } from './result-code'

/** Fields in the header of a write-ahead log: two salts, which SQLite redraws whenever it restarts the log. */
const SALTS = { offset: 16, length: 8 }

/**
 * Checks the write-ahead log next to a database file before anything else opens the two: SQLite applies whatever log it
 * finds. Call this before each opening that may write. Without a log it costs nothing; otherwise it reads every page,
 * because a process was killed or other processes have the file open.
 *
 * It leaves both files unchanged: a read-only connection does not move the log when it is closed.
 *
 * @throws {AppError} database-damaged for a log that does not belong to the file, and for damaged pages
 */
export function requireOwnLog(file: string): void {
  const hasLog = readSizeBytes(`${file}-wal`) > 0
  if (hasLog && readSizeBytes(file) === 0) throw foreignLogError(file, `${file} is missing or empty`)
  const mark = readMark(file)
  if (hasLog) {
    // Another process may have emptied the log meanwhile. Then there is no pair, which must not equal a missing mark.
    if (mark !== null && mark === readPairIdentity(file)) {
      throw foreignLogError(file, `${file} was replaced or overwritten while Lakeshore was running`)
    }
    const damage = findDamage(file)
    if (damage !== null) throw foreignLogError(file, damage.replaceAll(/\s+/g, ' '))
  }
  // A mark that another process wrote since then is for the next start.
  if (mark !== null) rmSync(markPath(file), { force: true })
}

/** Records, for the next start, that the current file and log do not belong together. */
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
    `The database ${file} cannot be used together with its write-ahead log: ${reason}. Nothing was changed. Stop every Lakeshore process, remove ${file}-wal and ${file}-shm, restore a complete copy of the database, and start again; docs/operations.md, Backup and restore, has the steps.`,
  )
}

/** Identifies this file next to this log; null when one of them does not exist. */
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
