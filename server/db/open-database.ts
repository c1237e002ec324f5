import 'server-only'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'
import type { Database } from './database'
import { openPostgres } from './postgres/open'
import { openSqlite } from './sqlite/open'
import { type StartWriterThread, startWriterThread } from './sqlite/start-writer-thread'

/** It is opened by the first read. */
const POLL_MS_UNTIL_OPEN = 250

/**
 * The database of a home. It is opened, and created or migrated, at its first use; if that fails, the next use tries
 * again. The web server, the worker, the command line and other programs share it.
 *
 * @param startThread starts the thread that writes the file; for tests
 */
export function openDatabase(
  { databaseFile, postgres }: Pick<Config, 'databaseFile' | 'postgres'>,
  log: Log,
  startThread: StartWriterThread = startWriterThread,
): Database {
  const stopping = new AbortController()
  const open = postgres
    ? () => openPostgres(postgres, log, {}, stopping.signal)
    : async () => openSqlite(path.resolve(/* turbopackIgnore: true */ databaseFile), log, { startThread })
  let opening: Promise<Database> | null = null
  let opened: Database | null = null
  let closing: Promise<void> | null = null

  async function tryOpen(): Promise<Database> {
    try {
      opened = await open()
      return opened
    } catch (error) {
      opening = null
      throw error
    }
  }

  async function openOnce(): Promise<Database> {
    if (closing) throw new AppError('database-unavailable', 'The database is closed.')
    opening ??= tryOpen()
    return opening
  }

  async function closeOpened(): Promise<void> {
    stopping.abort()
    const database = await opening?.catch(() => null)
    opened = null
    await database?.close()
  }

  return {
    read: async (query) => (opened ?? (await openOnce())).read(query),
    commit: async (changes) => (opened ?? (await openOnce())).commit(changes),
    prepareToCommit() {
      // A failure is that of the next use.
      openOnce().then(
        (database) => database.prepareToCommit?.(),
        () => {},
      )
    },
    // Before the database is open, the clock of this machine is used.
    nowMs: () => opened?.nowMs() ?? clock.nowMs(),
    get pollMs() {
      return opened?.pollMs ?? POLL_MS_UNTIL_OPEN
    },
    close() {
      closing ??= closeOpened()
      return closing
    },
  }
}
