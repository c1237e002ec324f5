/**
 * The thread that writes the database file: one transaction per message, in sequence, fsynced before it answers.
 * SQLite's calls block, and an fsync takes milliseconds, so they do not run in the thread that serves requests.
 *
 * Plain Node runs this file directly (types stripped): no path alias, no `server-only`, only erasable types.
 */
import { LRUCache } from 'lru-cache'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type FileIdentity, FileWatch, type WatchState } from './file-watch.ts'

/** The newest audit entry. */
export type AuditEntry = { seq: number; id: string }

/** `lastEntry`: the newest audit entry that this process has seen. */
type WriteRequest = {
  statements: readonly { sql: string; params?: readonly SQLInputValue[]; expectedRows?: number | null }[]
  lastEntry: AuditEntry | null
}

/**
 * `unsure`: the error came from COMMIT itself, so the transaction may or may not survive a crash. `code`: SQLite's
 * result code, 0 for an error that is not SQLite's.
 */
export type WriteResponse =
  | { kind: 'ready' }
  | { kind: 'done'; changes: number[]; lastEntry: AuditEntry | null }
  | { kind: 'busy' }
  | { kind: 'unexpected'; index: number; changes: number }
  | { kind: 'replaced' }
  | { kind: 'failed'; message: string; code: number; isUncertain: boolean }

/** SQLite result codes; the low byte of an extended code is the primary one. */
const SQLITE_BUSY = 5
const SQLITE_FULL = 13
/** Extended codes for a row that already exists: SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID. */
const DUPLICATE_CODES: ReadonlySet<number> = new Set([1555, 2067, 2579])
const MAX_CACHED_STATEMENTS = 100

const HAS_ENTRY = 'SELECT 1 FROM audit WHERE seq = ? AND id = ?'
const LAST_ENTRY = 'SELECT seq, id FROM audit ORDER BY seq DESC LIMIT 1'

const { file, identity, watched, busyTimeoutMs } = workerData as {
  file: string
  identity: FileIdentity
  watched: WatchState | null
  busyTimeoutMs: number
}
const database = new DatabaseSync(file, { timeout: busyTimeoutMs })
database.exec('PRAGMA synchronous = FULL')
const statementCache = new LRUCache<string, StatementSync>({ max: MAX_CACHED_STATEMENTS })
const watch = new FileWatch(file, identity, watched)
let mightHaveKilledCheckpoint = true

if (parentPort) serveRequests(parentPort)

function serveRequests(port: MessagePort): void {
  port.on('message', (request: WriteRequest | 'close') => {
    if (request !== 'close') return port.postMessage(transact(request), [])
    database.close()
    port.close()
  })
  port.postMessage({ kind: 'ready' }, [])
}

/**
 * After a process was killed, SQLite does not know how far checkpoints came until the next one runs. It runs after the
 * first commit, which has checked that the log belongs to the file.
 */
function finishKilledCheckpoint(): void {
  if (!mightHaveKilledCheckpoint) return
  mightHaveKilledCheckpoint = false
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch {
    // A full disk or a damaged page: transactions report it when it matters to them.
  }
}

function transact({ statements, lastEntry }: WriteRequest): WriteResponse {
  let isCommitting = false
  const changes: number[] = []
  try {
    database.exec('BEGIN IMMEDIATE')
    if (watch.isReplaced() || isEntryMissing(lastEntry)) {
      rollBack()
      return { kind: 'replaced' }
    }
    for (const [index, { sql, params = [], expectedRows }] of statements.entries()) {
      const changed = Number(prepareStatement(sql).run(...params).changes)
      if (expectedRows !== undefined && expectedRows !== null && changed !== expectedRows) {
        rollBack()
        return { kind: 'unexpected', index, changes: changed }
      }
      changes.push(changed)
    }
    const newLastEntry = (prepareStatement(LAST_ENTRY).get() as AuditEntry | undefined) ?? null
    isCommitting = true
    database.exec('COMMIT')
    if (statements.length > 0) finishKilledCheckpoint()
    watch.noteCommit()
    return { kind: 'done', changes, lastEntry: newLastEntry }
  } catch (error) {
    rollBack()
    const extendedCode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
    if (DUPLICATE_CODES.has(extendedCode)) return { kind: 'unexpected', index: changes.length, changes: 0 }
    const code = extendedCode & 0xff
    if (code === SQLITE_BUSY && !isCommitting) return { kind: 'busy' }
    const message = error instanceof Error ? error.message : String(error)
    // A full disk is detected while frames are written, before the frame that makes the transaction valid.
    return { kind: 'failed', message, code, isUncertain: isCommitting && code !== SQLITE_FULL }
  }
}

/** Whether the audit lacks an entry that this process has seen. */
function isEntryMissing(lastEntry: AuditEntry | null): boolean {
  return lastEntry !== null && prepareStatement(HAS_ENTRY).get(lastEntry.seq, lastEntry.id) === undefined
}

function rollBack(): void {
  if (database.isTransaction) database.exec('ROLLBACK')
}

/** Prepares each statement once and caches it; the least recently used one is evicted. */
function prepareStatement(sql: string): StatementSync {
  const cached = statementCache.get(sql)
  if (cached) return cached
  const statement = database.prepare(sql)
  statementCache.set(sql, statement)
  return statement
}
