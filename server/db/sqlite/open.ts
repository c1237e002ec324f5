import 'server-only'
import { existsSync } from 'node:fs'
import type { Log } from '@/server/log'
import type { Database } from '../database'
import { compileChange, compileQuery } from '../statement'
import { moveLogIntoFile } from './checkpoint'
import { SQLITE } from './dialect'
import { prepareFile } from './prepare-file'
import { Reader } from './reader'
import { Writer } from './writer'
import type { AuditEntry } from './writer-thread'

/**
 * A database in one file, for any number of processes of one machine. Reads run on the calling thread, where they are
 * short; writes run in a thread of their own, one transaction after another, each fsynced before it resolves.
 *
 * @throws {AppError} database-unavailable when the file cannot be opened, database-damaged
 */
export function openSqlite(file: string, log: Log): Database {
  prepareFile(file)
  const writer = new Writer(file)
  const reader = new Reader(file, (damage) => writer.refuse(damage))
  const [lastEntry = null] = reader.read<AuditEntry>('SELECT seq, id FROM audit ORDER BY seq DESC LIMIT 1')
  writer.begin(lastEntry)
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
      // SQLite would move its log into the file when the last connection is closed: this one stays open.
      if (writer.isRefusing) return
      reader.close()
      if (existsSync(file)) moveLogIntoFile(file, log)
    },
  }
}
