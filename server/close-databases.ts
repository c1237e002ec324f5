import 'server-only'
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Database } from '@/server/db/database'
import { logWarning } from '@/server/log'

/** By file, as `open-database` keeps them: one of each for the process, which may hold this module twice. */
const processWide = globalThis as typeof globalThis & { lakeshoreDatabases?: ReadonlyMap<string, Database> }

/**
 * Closes every database that this process has opened, after the writes that were asked for. What SQLite has in its
 * write-ahead log moves into the database file, so that the one file is the whole database as soon as the last process
 * has closed it.
 */
export async function closeDatabases(): Promise<void> {
  for (const [file, database] of processWide.lakeshoreDatabases ?? []) {
    await database.close()
    if (existsSync(file)) moveLogIntoFile(file)
  }
}

/** Where another process still has the file open, that one's own end moves what is left. */
function moveLogIntoFile(file: string): void {
  try {
    const database = new DatabaseSync(file)
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
    }
  } catch (error) {
    // Nothing is lost: the log stays where it is, and the next start reads it.
    logWarning('the write-ahead log could not be moved into the database: keep both files together', {
      file,
      reason: String(error),
    })
  }
}
