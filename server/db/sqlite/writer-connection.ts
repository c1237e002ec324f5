/**
 * The connection that writes the database file: one transaction per request, fsynced before it returns.
 *
 * The writer thread loads this file in plain Node: no path alias, no `server-only`, only erasable types.
 */
import { LRUCache } from 'lru-cache'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type FileIdentity, FileWatch, type WatchState } from './file-watch.ts'

/** The newest audit entry. */
export type AuditEntry = { seq: number; id: string }

/** `lastEntry`: the newest audit entry that this process has seen. */
export type WriteRequest = {
  statements: readonly {
    sql: string
    params?: readonly SQLInputValue[] | undefined
    expectedRows?: number | null | undefined
  }[]
  lastEntry: AuditEntry | null
}

/**
 * `unsure`: the error came from COMMIT itself, so the transaction may or may not survive a crash. `code`: SQLite's
 * result code, 0 for an error that is not SQLite's.
 */
export type WriteResponse =
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

/** `identity`: of the file as the process opened it. `watched`: the state from which its watch continues. */
export type WriterOptions = {
  file: string
  identity: FileIdentity | null
  watched: WatchState | null
  busyTimeoutMs: number
}

export class WriterConnection {
  readonly #database: DatabaseSync
  readonly #statementCache = new LRUCache<string, StatementSync>({ max: MAX_CACHED_STATEMENTS })
  readonly #watch: FileWatch
  #mightHaveKilledCheckpoint = true

  constructor({ file, identity, watched, busyTimeoutMs }: WriterOptions) {
    this.#database = new DatabaseSync(file, { timeout: busyTimeoutMs })
    this.#database.exec('PRAGMA synchronous = FULL')
    this.#watch = new FileWatch(file, identity, watched)
  }

  close(): void {
    this.#database.close()
  }

  /**
   * After a process was killed, SQLite does not know how far checkpoints came until the next one runs. It runs after the
   * first commit, which has checked that the log belongs to the file.
   */
  #finishKilledCheckpoint(): void {
    if (!this.#mightHaveKilledCheckpoint) return
    this.#mightHaveKilledCheckpoint = false
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // A full disk or a damaged page: transactions report it when it matters to them.
    }
  }

  transact({ statements, lastEntry }: WriteRequest): WriteResponse {
    let isCommitting = false
    const changes: number[] = []
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      if (this.#watch.isReplaced() || this.#isEntryMissing(lastEntry)) {
        this.#rollBack()
        return { kind: 'replaced' }
      }
      for (const [index, { sql, params = [], expectedRows }] of statements.entries()) {
        const changed = Number(this.#prepareStatement(sql).run(...params).changes)
        if (expectedRows !== undefined && expectedRows !== null && changed !== expectedRows) {
          this.#rollBack()
          return { kind: 'unexpected', index, changes: changed }
        }
        changes.push(changed)
      }
      const newLastEntry = (this.#prepareStatement(LAST_ENTRY).get() as AuditEntry | undefined) ?? null
      isCommitting = true
      this.#database.exec('COMMIT')
      if (statements.length > 0) this.#finishKilledCheckpoint()
      this.#watch.noteCommit()
      return { kind: 'done', changes, lastEntry: newLastEntry }
    } catch (error) {
      this.#rollBack()
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
  #isEntryMissing(lastEntry: AuditEntry | null): boolean {
    return lastEntry !== null && this.#prepareStatement(HAS_ENTRY).get(lastEntry.seq, lastEntry.id) === undefined
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }

  /** Prepares each statement once and caches it; the least recently used one is evicted. */
  #prepareStatement(sql: string): StatementSync {
    const cached = this.#statementCache.get(sql)
    if (cached) return cached
    const statement = this.#database.prepare(sql)
    this.#statementCache.set(sql, statement)
    return statement
  }
}
