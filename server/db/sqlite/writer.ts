import 'server-only'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { AppError } from '@/lib/errors'
import { type SqlValue, UnexpectedChanges } from '../database'
import { OVERWRITTEN_DETAIL } from '../replaced'
import { damageOf, isLastingDamage } from './damage'
import { type FileIdentity, type FileWatch, identityOf, isSame } from './file-watch'
import type { AuditEntry, WriteAnswer } from './writer-thread'

/** SQLite waits this long for a lock inside its call; longer waits are ours, so that the thread stays free to stop. */
export const BUSY_TIMEOUT_MS = 50
/** How long a write is tried while another process holds the file. */
const BUSY_PATIENCE_MS = 10_000
const BUSY_PAUSE_MS = { shortest: 5, longest: 200 }
/** How long a look at the file is tried while another process holds it. */
const LOOK_PATIENCE_MS = 1_000
/** Writes that may wait for their turn. */
const LONGEST_QUEUE = 1_000
const SQLITE_FULL = 13

/** A compiled change, as the writer thread takes it. */
export type WriteStatement = { sql: string; params?: readonly SqlValue[]; expectedRows?: number | null }

type Waiting = {
  statements: readonly WriteStatement[]
  giveUpAtMs: number
  tries: number
  resolve: (changes: number[]) => void
  reject: (error: Error) => void
}

/** Hands transactions to the writer thread, one after another in the order they were asked for. */
export class Writer {
  readonly #file: string
  readonly #identity: FileIdentity | null
  readonly #patienceMs: number
  readonly #onReplaced: () => void
  readonly #queue: Waiting[] = []
  #thread: Worker | null = null
  #inFlight: Waiting | null = null
  #isReady = false
  #closed = false
  #watch: FileWatch | null = null
  /** Of the audit, when this process saw it last. */
  #lastEntry: AuditEntry | null = null
  /** Why nothing is written any more, whatever the file is by now. */
  #refusal: AppError | null = null

  /** @param onReplaced is called once, when the file turns out to be another one, or an older database */
  constructor(
    file: string,
    {
      patienceMs = BUSY_PATIENCE_MS,
      onReplaced = () => undefined,
    }: { patienceMs?: number; onReplaced?: () => void } = {},
  ) {
    this.#file = file
    this.#identity = identityOf(file)
    this.#patienceMs = patienceMs
    this.#onReplaced = onReplaced
  }

  /**
   * @param lastEntry of the audit, as this process read it when it opened the file
   * @param watch of the file, from then on
   */
  begin(lastEntry: AuditEntry | null, watch: FileWatch): void {
    this.#lastEntry = lastEntry
    this.#watch = watch
  }

  /** The file as it was when the process opened it; null where it was not there. */
  get identity(): FileIdentity | null {
    return this.#identity
  }

  /** Looks whether the file is still the one that the process opened: from now on, `isRefusing` says so. */
  look(): void {
    try {
      if (!this.#refusal && this.#watch?.isReplaced()) this.#refuseReplaced()
    } catch {
      // A disk that fails says nothing about the file; reads and writes meet it where it matters.
    }
  }

  /** As `look`, and in the audit, too, by a transaction that writes nothing. */
  async lookThoroughly(): Promise<void> {
    this.look()
    if (this.#refusal) return
    // Where the look failed for another reason, such as a lock, the file is taken for the one it was.
    await this.#enqueue([], Date.now() + LOOK_PATIENCE_MS).catch(() => undefined)
  }

  /** Whether the file is to be left as it is, because it was replaced or is damaged. */
  get isRefusing(): boolean {
    return this.#refusal !== null
  }

  /** From now on, every write is refused with this error. */
  refuse(error: AppError): void {
    this.#refusal ??= error
  }

  /** As `Database.commit`. */
  transact(statements: readonly WriteStatement[]): Promise<number[]> {
    if (this.#closed) return Promise.reject(new AppError('database-unavailable', 'The database is closed.'))
    if (this.#refusal) return Promise.reject(this.#refusal)
    if (this.#queue.length >= LONGEST_QUEUE) {
      return Promise.reject(new AppError('database-busy', `${LONGEST_QUEUE} writes are waiting already.`))
    }
    return this.#enqueue(statements, Date.now() + this.#patienceMs)
  }

  #enqueue(statements: readonly WriteStatement[], giveUpAtMs: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ statements, giveUpAtMs, tries: 0, resolve, reject })
      this.#next()
    })
  }

  /** Lets what was asked for finish, then ends the thread. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#inFlight || this.#queue.length > 0) await pause(1)
    const thread = this.#thread
    this.#thread = null
    if (!thread) return
    thread.ref()
    const ended = new Promise((resolve) => thread.once('exit', resolve))
    thread.postMessage('close', [])
    await ended
  }

  #next(): void {
    if (this.#inFlight) return
    const next = this.#queue.shift()
    if (!next) return
    if (this.#refusal) {
      next.reject(this.#refusal)
      return this.#next()
    }
    this.#inFlight = next
    this.#send(next)
  }

  #send(waiting: Waiting): void {
    // A thread that opened a file that is not there would make one.
    if (!this.#thread && !isSame(identityOf(this.#file), this.#identity)) {
      const error = this.#identity ? this.#refuseReplaced() : missing()
      this.refuse(error)
      return this.#settle(() => waiting.reject(error))
    }
    const thread = (this.#thread ??= this.#startThread())
    // Only a write that is under way keeps the process alive.
    thread.ref()
    const statements = waiting.statements.map(({ sql, params, expectedRows }) => ({ sql, params, expectedRows }))
    thread.postMessage({ statements, lastEntry: this.#lastEntry }, [])
  }

  #startThread(): Worker {
    // Found from the project's root at run time: bundlers move this module but not that file.
    const threadFile = path.join(
      /* turbopackIgnore: true */ process.cwd(),
      'server',
      'db',
      'sqlite',
      'writer-thread.ts',
    )
    const thread = new Worker(/* turbopackIgnore: true */ threadFile, {
      workerData: {
        file: this.#file,
        identity: this.#identity,
        watched: this.#watch?.state ?? null,
        busyTimeoutMs: BUSY_TIMEOUT_MS,
      },
      execArgv: [],
      name: 'database-writer',
    })
    thread.on('message', (answer: WriteAnswer) => this.#answered(answer))
    thread.on('error', (error) => this.#died(thread, error))
    thread.on('exit', (code) => this.#died(thread, new Error(`the writer thread ended with code ${code}`)))
    return thread
  }

  #answered(answer: WriteAnswer): void {
    if (answer.kind === 'ready') {
      this.#isReady = true
      return
    }
    const waiting = this.#inFlight
    if (!waiting) return
    if (answer.kind === 'busy' && Date.now() < waiting.giveUpAtMs) {
      waiting.tries += 1
      setTimeout(() => {
        if (this.#inFlight === waiting) this.#send(waiting)
      }, busyPauseMs(waiting.tries))
      return
    }
    if (answer.kind === 'done') this.#lastEntry = answer.lastEntry
    if (answer.kind === 'replaced') this.#refuseReplaced()
    const error = answer.kind === 'done' ? null : refusalOf(answer, this.#patienceMs)
    if (error instanceof AppError && isLasting(answer)) this.refuse(error)
    this.#settle(() => {
      if (answer.kind === 'done') waiting.resolve(answer.changes)
      else waiting.reject(error ?? new Error(answer.kind))
    })
  }

  /** Gone with a transaction in its hands, nobody knows whether it was committed; before it was ready, it was not. */
  #died(thread: Worker, cause: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = null
    const error = this.#isReady
      ? new AppError('commit-state-unknown', 'The database writer stopped during a write.', { cause })
      : new AppError('database-unavailable', 'The database writer could not be started.', { cause })
    this.#isReady = false
    const waiting = this.#inFlight
    if (!waiting) return
    this.#settle(() => waiting.reject(error))
  }

  #refuseReplaced(): AppError {
    const isFirst = this.#refusal === null
    const error = replaced()
    this.refuse(error)
    if (isFirst) this.#onReplaced()
    return error
  }

  #settle(tell: () => void): void {
    this.#inFlight = null
    this.#thread?.unref()
    tell()
    this.#next()
  }
}

type Refused = Exclude<WriteAnswer, { kind: 'done' | 'ready' }>

/** Whether no later write can do better in this process. */
function isLasting(answer: WriteAnswer): boolean {
  if (answer.kind === 'replaced') return true
  return answer.kind === 'failed' && !answer.unsure && isLastingDamage(answer.code)
}

function refusalOf(answer: Refused, patienceMs: number): Error {
  switch (answer.kind) {
    case 'unexpected':
      return new UnexpectedChanges(answer.index, answer.changes)
    case 'busy':
      return new AppError(
        'database-busy',
        `Another program kept the database locked for ${patienceMs / 1000} seconds. Nothing was changed.`,
      )
    case 'replaced':
      return replaced()
    case 'failed': {
      const cause = new Error(answer.message)
      if (answer.unsure) return new AppError('commit-state-unknown', 'The database failed while committing.', { cause })
      if (answer.code === SQLITE_FULL)
        return new AppError('storage-full', 'The disk of the database is full.', { cause })
      return damageOf(answer.code, cause) ?? cause
    }
  }
}

function replaced(): AppError {
  return new AppError('database-replaced', OVERWRITTEN_DETAIL)
}

function missing(): AppError {
  return new AppError('database-unavailable', 'The file of the database was not there when it was to be opened.')
}

/** Grows with every try and is scattered, so that two processes do not meet again. */
function busyPauseMs(tries: number): number {
  const longest = Math.min(BUSY_PAUSE_MS.longest, BUSY_PAUSE_MS.shortest * 2 ** tries)
  return longest * (0.5 + Math.random() / 2)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
