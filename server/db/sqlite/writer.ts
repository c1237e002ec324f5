import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import { type SqlValue, UnexpectedChanges } from '../database'
import { OVERWRITTEN_DETAIL } from '../replaced-detail'
import { toDamageError, isPermanentDamage } from './damage'
import { type FileIdentity, type FileWatch, readFileIdentity, isSameFile } from './file-watch'
import { type StartWriterThread, startWriterThread, type WriterThread } from './start-writer-thread'
import type { AuditEntry, WriteResponse } from './writer-connection'
import type { WriterMessage } from './writer-thread'

/**
 * SQLite waits this long for a lock inside its call; longer waits happen outside, so that the thread can be stopped.
 */
export const BUSY_TIMEOUT_MS = 50
/** How long a write is retried while another process holds the file. */
const LOCK_BUDGET_MS = 10_000
const BUSY_BACKOFF = { firstMs: 5, maxMs: 200 }
/** How long a check of the file is retried while another process holds it. */
const CHECK_BUDGET_MS = 1_000
/** How many writes may wait for their turn. */
const MAX_QUEUED_WRITES = 1_000
const SQLITE_FULL = 13

/** A compiled change, as the writer thread receives it. */
export type WriteStatement = { sql: string; params?: readonly SqlValue[]; expectedRows?: number | null }

type QueuedWrite = {
  statements: readonly WriteStatement[]
  deadlineMs: number
  attempts: number
  resolve: (changes: number[]) => void
  reject: (error: Error) => void
}

/** Passes transactions to the writer thread, one after another in the order of the calls. */
export class Writer {
  readonly #file: string
  readonly #identity: FileIdentity | null
  readonly #lockBudgetMs: number
  readonly #onReplaced: () => void
  readonly #startWriterThread: StartWriterThread
  readonly #queue: QueuedWrite[] = []
  #thread: WriterThread | null = null
  #inFlight: QueuedWrite | null = null
  #isReady = false
  #isClosed = false
  #watch: FileWatch | null = null
  /** The newest audit entry that this process has seen. */
  #lastEntry: AuditEntry | null = null
  /** Why writes are refused, even if the file changes again. */
  #refusal: AppError | null = null

  /** @param onReplaced is called once, when the file turns out to be another one, or an older database */
  constructor(
    file: string,
    {
      lockBudgetMs = LOCK_BUDGET_MS,
      onReplaced = () => undefined,
      startThread = startWriterThread,
    }: { lockBudgetMs?: number; onReplaced?: () => void; startThread?: StartWriterThread } = {},
  ) {
    this.#file = file
    this.#identity = readFileIdentity(file)
    this.#lockBudgetMs = lockBudgetMs
    this.#onReplaced = onReplaced
    this.#startWriterThread = startThread
  }

  /**
   * @param lastEntry the newest audit entry, as this process read it when it opened the file
   * @param watch the watch to use from then on
   */
  startWatching(lastEntry: AuditEntry | null, watch: FileWatch): void {
    this.#lastEntry = lastEntry
    this.#watch = watch
  }

  /** The identity of the file when the process opened it; null if it did not exist. */
  get identity(): FileIdentity | null {
    return this.#identity
  }

  /** Checks whether the process still has the file open; if not, `isRefusing` becomes true. */
  checkFile(): void {
    try {
      if (!this.#refusal && this.#watch?.isReplaced()) this.#refuseReplaced()
    } catch {
      // A disk failure says nothing about the file; reads and writes report it when it matters.
    }
  }

  /** Like {@link checkFile}, but also checks the audit, by a transaction that writes nothing. */
  async checkFileAndAudit(): Promise<void> {
    this.checkFile()
    if (this.#refusal) return
    // If the check failed for another reason, such as a lock, the file is considered unchanged.
    await this.#enqueue([], clock.elapsedMs() + CHECK_BUDGET_MS).catch(() => undefined)
  }

  /** Whether the file must not be touched, because it was replaced or is damaged. */
  get isRefusing(): boolean {
    return this.#refusal !== null
  }

  /** Makes every later write fail with this error. */
  refuse(error: AppError): void {
    this.#refusal ??= error
  }

  /** Like `Database.commit`. */
  transact(statements: readonly WriteStatement[]): Promise<number[]> {
    if (this.#isClosed) return Promise.reject(new AppError('database-unavailable', 'The database is closed.'))
    if (this.#refusal) return Promise.reject(this.#refusal)
    if (this.#queue.length >= MAX_QUEUED_WRITES) {
      return Promise.reject(new AppError('database-busy', `${MAX_QUEUED_WRITES} writes are already waiting.`))
    }
    return this.#enqueue(statements, clock.elapsedMs() + this.#lockBudgetMs)
  }

  #enqueue(statements: readonly WriteStatement[], deadlineMs: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ statements, deadlineMs, attempts: 0, resolve, reject })
      this.#startNext()
    })
  }

  /** Waits for pending writes, then ends the thread. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#inFlight || this.#queue.length > 0) await clock.pause(1)
    const thread = this.#thread
    this.#thread = null
    if (!thread) return
    thread.ref()
    const ended = new Promise((resolve) => thread.once('exit', resolve))
    thread.postMessage('close', [])
    await ended
  }

  /** Starts the thread, if it can write. A write that cannot says why. */
  prepare(): void {
    if (this.#thread || this.#isClosed || this.#refusal || !isSameFile(readFileIdentity(this.#file), this.#identity))
      return
    this.#thread = this.#startThread()
    this.#thread.unref()
  }

  #startNext(): void {
    if (this.#inFlight) return
    const next = this.#queue.shift()
    if (!next) return
    if (this.#refusal) {
      next.reject(this.#refusal)
      return this.#startNext()
    }
    this.#inFlight = next
    this.#send(next)
  }

  #send(write: QueuedWrite): void {
    // Opening a file that does not exist would create it.
    if (!this.#thread && !isSameFile(readFileIdentity(this.#file), this.#identity)) {
      const error = this.#identity ? this.#refuseReplaced() : missingFileError()
      this.refuse(error)
      return this.#settle(() => write.reject(error))
    }
    const thread = (this.#thread ??= this.#startThread())
    // Only a write in progress keeps the process alive.
    thread.ref()
    const statements = write.statements.map(({ sql, params, expectedRows }) => ({ sql, params, expectedRows }))
    thread.postMessage({ statements, lastEntry: this.#lastEntry }, [])
  }

  #startThread(): WriterThread {
    const thread = this.#startWriterThread({
      file: this.#file,
      identity: this.#identity,
      watched: this.#watch?.state ?? null,
      busyTimeoutMs: BUSY_TIMEOUT_MS,
    })
    thread.on('message', (response: WriterMessage) => this.#handleResponse(response))
    thread.on('error', (error) => this.#handleExit(thread, error))
    thread.on('exit', (code) => this.#handleExit(thread, new Error(`the writer thread ended with code ${code}`)))
    return thread
  }

  #handleResponse(response: WriterMessage): void {
    if (response.kind === 'ready') {
      this.#isReady = true
      return
    }
    const write = this.#inFlight
    if (!write) return
    if (response.kind === 'busy' && clock.elapsedMs() < write.deadlineMs) {
      write.attempts += 1
      clock.after(backoffMs(BUSY_BACKOFF, write.attempts), () => {
        if (this.#inFlight === write) this.#send(write)
      })
      return
    }
    if (response.kind === 'done') this.#lastEntry = response.lastEntry
    if (response.kind === 'replaced') this.#refuseReplaced()
    const error = response.kind === 'done' ? null : toWriteError(response, this.#lockBudgetMs)
    if (error instanceof AppError && isPermanent(response)) this.refuse(error)
    this.#settle(() => {
      if (response.kind === 'done') write.resolve(response.changes)
      else write.reject(error ?? new Error(response.kind))
    })
  }

  /**
   * If the thread ended during a transaction, it is unknown whether that was committed; if it ended before it was
   * ready, it was not.
   */
  #handleExit(thread: WriterThread, cause: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = null
    const error = this.#isReady
      ? new AppError('commit-state-unknown', 'The database writer stopped during a write.', { cause })
      : new AppError('database-unavailable', 'The database writer could not be started.', { cause })
    this.#isReady = false
    const write = this.#inFlight
    if (!write) return
    this.#settle(() => write.reject(error))
  }

  #refuseReplaced(): AppError {
    const isFirst = this.#refusal === null
    const error = replacedError()
    this.refuse(error)
    if (isFirst) this.#onReplaced()
    return error
  }

  #settle(notify: () => void): void {
    this.#inFlight = null
    this.#thread?.unref()
    notify()
    this.#startNext()
  }
}

type WriteFailure = Exclude<WriteResponse, { kind: 'done' }>

/** Whether no later write can succeed in this process. */
function isPermanent(response: WriteResponse): boolean {
  if (response.kind === 'replaced') return true
  return response.kind === 'failed' && !response.isUncertain && isPermanentDamage(response.code)
}

function toWriteError(response: WriteFailure, lockBudgetMs: number): Error {
  switch (response.kind) {
    case 'unexpected':
      return new UnexpectedChanges(response.index, response.changes)
    case 'busy':
      return new AppError(
        'database-busy',
        `Another program kept the database locked for ${lockBudgetMs / 1000} seconds. Nothing was changed.`,
      )
    case 'replaced':
      return replacedError()
    case 'failed': {
      const cause = new Error(response.message)
      if (response.isUncertain)
        return new AppError('commit-state-unknown', 'The database failed while committing.', { cause })
      if (response.code === SQLITE_FULL)
        return new AppError('storage-full', 'The disk of the database is full.', { cause })
      return toDamageError(response.code, cause) ?? cause
    }
  }
}

function replacedError(): AppError {
  return new AppError('database-replaced', OVERWRITTEN_DETAIL)
}

function missingFileError(): AppError {
  return new AppError('database-unavailable', 'The database file did not exist when it was opened.')
}
