import 'server-only'
import path from 'node:path'
import { config } from '@/server/config'
import type { Database } from './database'
import { openPostgres } from './postgres/open'
import { openSqlite } from './sqlite/open'

/** What this process has open, by file or by server and schema. */
const databases = new Map<string, Database>()

/**
 * The database of this home, one per process. The first call makes or migrates it; the web server, the worker, the
 * command line and foreign programs share it.
 *
 * @throws {AppError} database-unavailable when the file cannot be opened
 */
export function openDatabase(): Database {
  const { databaseFile, postgres } = config()
  const key = postgres ? `${postgres.url} ${postgres.schema}` : path.resolve(/* turbopackIgnore: true */ databaseFile)
  const open = databases.get(key)
  if (open) return open
  const database = postgres ? whenOpened(openPostgres(postgres)) : openSqlite(key)
  const closable: Database = {
    read: (query) => database.read(query),
    commit: (changes) => database.commit(changes),
    nowMs: () => database.nowMs(),
    async close() {
      databases.delete(key)
      await database.close()
    },
  }
  databases.set(key, closable)
  return closable
}

/** Closes every database that this process has opened, after the writes that it was given. */
export async function closeDatabases(): Promise<void> {
  for (const database of databases.values()) await database.close()
}

/** A database that is still being opened: what it is to do waits. */
function whenOpened(opening: Promise<Database>): Database {
  let opened: Database | null = null
  opening.then(
    (database) => {
      opened = database
    },
    () => undefined, // whoever reads or commits has the reason
  )
  return {
    read: async (query) => (await opening).read(query),
    commit: async (changes) => (await opening).commit(changes),
    nowMs: () => opened?.nowMs() ?? Date.now(),
    close: async () => (await opening).close(),
  }
}
