import 'server-only'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '@/server/log'

/**
 * Moves what SQLite has in its write-ahead log into the database file, so that the one file is the whole database as
 * soon as the last process has closed it. Where another process still has the file open, that one's own end moves what
 * is left.
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
    // Nothing is lost: the log stays where it is, and the next start reads it.
    log.warning('the write-ahead log could not be moved into the database: keep both files together', {
      file,
      reason: String(error),
    })
  }
}
