import { SILENT_LOG } from '@/testing/silent-log'
import type { Database } from '@/server/db/database'
import { openPostgres } from '@/server/db/postgres/open'
import { openSqlite } from '@/server/db/sqlite/open'
import { writeNewSqliteFile } from './new-sqlite-file'
import { createTestPostgres } from './test-postgres'
import { startWriterThreadHere } from './writer-thread-here'

/**
 * A new database for a test: a SQLite file, or a database in PostgreSQL if the test file runs in the project for it.
 *
 * @param file for SQLite
 */
export async function openTestDatabase(file: string): Promise<Database> {
  const postgres = await createTestPostgres()
  if (postgres === null) {
    writeNewSqliteFile(file)
    return openSqlite(file, SILENT_LOG, { startThread: startWriterThreadHere })
  }
  const database = await openPostgres(
    {
      url: postgres.url,
      schema: 'lakeshore',
      poolSize: 10,
      statementTimeoutMs: 30_000,
    },
    SILENT_LOG,
  )
  return {
    read: (query) => database.read(query),
    commit: (changes) => database.commit(changes),
    nowMs: () => database.nowMs(),
    pollMs: database.pollMs,
    async close() {
      await database.close()
      await postgres.drop()
    },
  }
}
