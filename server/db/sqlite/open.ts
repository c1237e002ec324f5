import 'server-only'
import { existsSync } from 'node:fs'
import type { Database } from '../database'
import { compileChange, compileQuery } from '../statement'
import { moveLogIntoFile } from './checkpoint'
import { SQLITE } from './dialect'
import { prepareFile } from './prepare-file'
import { Reader } from './reader'
import { Writer } from './writer'

/**
 * A database in one file, for any number of processes of one machine. Reads run on the calling thread, where they are
 * short; writes run in a thread of their own, one transaction after another, each fsynced before it resolves.
 *
 * @throws {AppError} database-unavailable when the file cannot be opened
 */
export function openSqlite(file: string): Database {
  prepareFile(file)
  const writer = new Writer(file)
  const reader = new Reader(file)
  const nowMs = () => Date.now()
  return {
    nowMs,
    async read(query) {
      const { sql, params } = compileQuery(query, SQLITE, nowMs)
      return reader.read(sql, params)
    },
    commit: (changes) => writer.transact(changes.map((change) => compileChange(change, SQLITE, nowMs))),
    async close() {
      await writer.close()
      reader.close()
      if (existsSync(file)) moveLogIntoFile(file)
    },
  }
}
