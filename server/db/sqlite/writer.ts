import 'server-only'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { AppError } from '@/lib/errors'
import { type SqlValue, UnexpectedChanges } from '../database'
import type { WriteAnswer } from './writer-thread'

/** SQLite waits this long for a lock inside its call; longer waits are ours, so that the thread stays free to stop. */
export const BUSY_TIMEOUT_MS = 50
/** How long a write is tried while another process holds the file. */
const BUSY_PATIENCE_MS = 10_000
const BUSY_PAUSE_MS = { shortest: 5, longest: 200 }
/** Writes that may wait for their turn. */
const LONGEST_QUEUE = 1_000

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
  readonly #patienceMs: number
  readonly #queue: Waiting[] = []
  #thread: Worker | null = null
  #inFlight: Waiting | null = null
  #isReady = false
  #closed = false

  constructor(file: string, { patienceMs = BUSY_PATIENCE_MS }: { patienceMs?: number } = {}) {
    this.#file = file
    this.#patienceMs = patienceMs
  }

  /** As `Database.commit`. */
  transact(statements: readonly WriteStatement[]): Promise<number[]> {
    if (this.#closed) return Promise.reject(new AppError('database-unavailable', 'The database is closed.'))
    if (this.#queue.length >= LONGEST_QUEUE) {
      return Promise.reject(new AppError('database-busy', `${LONGEST_QUEUE} writes are waiting already.`))
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ statements, giveUpAtMs: Date.now() + this.#patienceMs, tries: 0, resolve, reject })
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
    this.#inFlight = next
    this.#send(next)
  }

  #send(waiting: Waiting): void {
    const thread = (this.#thread ??= this.#startThread())
    // Only a write that is under way keeps the process alive.
    thread.ref()
    const statements = waiting.statements.map(({ sql, params, expectedRows }) => ({ sql, params, expectedRows }))
    thread.postMessage({ statements }, [])
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
      workerData: { file: this.#file, busyTimeoutMs: BUSY_TIMEOUT_MS },
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
    this.#settle(() => {
      if (answer.kind === 'done') waiting.resolve(answer.changes)
      else waiting.reject(refusal(answer, this.#patienceMs))
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

  #settle(tell: () => void): void {
    this.#inFlight = null
    this.#thread?.unref()
    tell()
    this.#next()
  }
}

function refusal(answer: Exclude<WriteAnswer, { kind: 'done' | 'ready' }>, patienceMs: number): Error {
  switch (answer.kind) {
    case 'unexpected':
      return new UnexpectedChanges(answer.index, answer.changes)
    case 'busy':
      return new AppError(
        'database-busy',
        `Another program kept the database locked for ${patienceMs / 1000} seconds. Nothing was changed.`,
      )
    case 'failed': {
      const cause = new Error(answer.message)
      if (answer.full) return new AppError('storage-full', 'The disk of the database is full.', { cause })
      if (!answer.unsure) return cause
      return new AppError('commit-state-unknown', 'The database failed while committing.', { cause })
    }
  }
}

/** Grows with every try and is scattered, so that two processes do not meet again. */
function busyPauseMs(tries: number): number {
  const longest = Math.min(BUSY_PAUSE_MS.longest, BUSY_PAUSE_MS.shortest * 2 ** tries)
  return longest * (0.5 + Math.random() / 2)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
