import 'server-only'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '@/server/log'

/**
 * Moves the contents of SQLite's write-ahead log into the database file, so that the one file is the whole database as
 * soon as the last process has closed it. If another process has the file open, that process moves the rest when it
 * ends.
 */
export function checkpointLog(file: string, log: Log): void {
  try {
    const database = new DatabaseSync(file)
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
    }
  } catch (error) {
    // No data is lost: the log stays, and the next start reads it.
    log.warning('the write-ahead log could not be moved into the database: keep both files together', {
      file,
      reason: String(error),
    })
  }
}
