import 'server-only'
import { existsSync } from 'node:fs'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'
import type { Database } from '../database'
import { OVERWRITTEN_DETAIL } from '../replaced-detail'
import { compileChange, compileQuery } from '../statement'
import { checkpointLog } from './checkpoint'
import { SQLITE } from './dialect'
import { FileWatch } from './file-watch'
import { markForeignLog } from './foreign-log'
import { prepareFile } from './prepare-file'
import { Reader } from './reader'
import { Writer } from './writer'
import { type StartWriterThread, startWriterThread } from './start-writer-thread'
import type { AuditEntry } from './writer-connection'

const POLL_MS = 50
/** How often to check whether the file is still the same. */
const CHECK_INTERVAL_MS = 1_000

/**
 * Opens a database in one file, for any number of processes on one machine. Reads run on the calling thread, because
 * they are short. Writes run in a thread of their own, one transaction after another, each fsynced before it resolves.
 *
 * @param startThread starts the thread of writes; for tests
 * @throws {AppError} database-unavailable when the file cannot be opened, database-damaged
 */
export function openSqlite(
  file: string,
  log: Log,
  { startThread = startWriterThread }: { startThread?: StartWriterThread } = {},
): Database {
  prepareFile(file)
  const writer = new Writer(file, { onReplaced: () => recordForeignLog(file, log), startThread })
  const reader = new Reader(file, (damage) => writer.refuse(damage))
  const [lastEntry = null] = reader.read<AuditEntry>('SELECT seq, id FROM audit ORDER BY seq DESC LIMIT 1')
  const watch = new FileWatch(file, writer.identity)
  writer.startWatching(lastEntry, watch)
  writer.checkFile()
  const checkTimer = clock.every(CHECK_INTERVAL_MS, () => writer.checkFile()).unref()
  const nowMs = () => clock.nowMs()
  return {
    nowMs,
    pollMs: POLL_MS,
    async read(query) {
      const { sql, params } = compileQuery(query, SQLITE, nowMs())
      return reader.read(sql, params)
    },
    prepareToCommit: () => writer.prepare(),
    commit: (changes) => writer.transact(changes.map((change) => compileChange(change, SQLITE, nowMs()))),
    async close() {
      // A process that closes the file moves its log into the file that it opened, and into no other.
      await writer.checkFileAndAudit()
      checkTimer.cancel()
      await writer.close()
      // SQLite would move its log into the file when the last connection is closed, so this one stays open.
      if (writer.isRefusing) return
      reader.close()
      watch.close()
      if (existsSync(file)) checkpointLog(file, log)
    },
  }
}

function recordForeignLog(file: string, log: Log): void {
  log.warning(OVERWRITTEN_DETAIL, { file })
  try {
    markForeignLog(file)
  } catch (error) {
    log.warning('the next start may not detect that the database was replaced: remove its -wal and -shm first', {
      file,
      reason: String(error),
    })
  }
}
