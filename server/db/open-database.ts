import 'server-only'
import path from 'node:path'
import { config } from '@/server/config'
import type { Database } from './database'
import { prepareFile } from './prepare-file'
import { Reader } from './reader'
import { Writer } from './writer'

/** Bundlers load a module more than once; the process has one of these. */
const processWide = globalThis as typeof globalThis & { lakeshoreDatabases?: Map<string, Database> }

/**
 * The database of this home, one per process and file. The first call makes or migrates the file; the web server,
 * the worker, the command line and foreign programs share it.
 *
 * @param file another file than the home's
 * @throws {AppError} catalog-unavailable when the file cannot be opened
 */
export function openDatabase(file: string = config().databaseFile): Database {
  const databases = (processWide.lakeshoreDatabases ??= new Map())
  const key = path.resolve(/* turbopackIgnore: true */ file)
  const open = databases.get(key)
  if (open) return open
  prepareFile(key)
  const writer = new Writer(key)
  const reader = new Reader(key)
  const database: Database = {
    read: (sql, params) => reader.read(sql, params),
    transact: (statements) => writer.transact(statements),
    async close() {
      databases.delete(key)
      await writer.close()
      reader.close()
    },
  }
  databases.set(key, database)
  return database
}
