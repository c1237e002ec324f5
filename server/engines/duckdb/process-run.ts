import 'server-only'
import { constants } from 'node:fs'
import { copyFile, lstat, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { errorCode } from '@/server/error-code'
import { fromPostedError } from '@/server/processes/posted-error'
import { clock, type Timer } from '@/server/timing/clock'
import type { LakeAccess, LakeRequest, SqlEvent } from '../sql-engine'
import type { FromQueryProcess, QueryJob } from './process/messages'
import { resultFile } from './result-file'
import type { QueryProcess, QueryProcessEvents, StartQueryProcess } from './start-query-process'

export type ProcessDeps = {
  startProcess: StartQueryProcess
  /** Carries out the requests of the process. */
  read: LakeAccess['read']
  /** Where the result is saved; absent: its rows are sent. */
  saveTo?: string
  /** Ends the run. */
  signal: AbortSignal
  /** From the start of the process to its last row. */
  seconds: number
}

/** How much more memory than DuckDB's a process may take: JavaScript, and columns that are decoded. */
const OWN_MEMORY_MIB = 1536
const MEMORY_CHECK_MS = 250
const RESULT_CHECK_MS = 250
const BYTES_PER_MIB = 1024 * 1024
/** Memory pages of Linux on every platform that is supported. */
const PAGE_BYTES = 4096
/** Pieces of responses for the process. */
const MAX_PIECE_BYTES = 1024 * 1024

/**
 * Runs one statement in a separate process. The process ends with the generator, however that ends.
 *
 * @throws {AppError} what the query throws; too-large when it takes too long or too much memory; cancelled; internal
 * when the process ends by itself
 */
export async function* runInProcess(job: Omit<QueryJob, 'tempDir'>, deps: ProcessDeps): AsyncGenerator<SqlEvent, void> {
  if (deps.signal.aborted) throw cancelledError()
  const tempDir = await mkdtemp(path.join(tmpdir(), 'lakeshore-query-'))
  const run = new ProcessRun(job.limits.memoryMiB, deps)
  try {
    const { saveTo } = deps
    run.start({ ...job, tempDir, ...(saveTo !== undefined && { savesResult: true }) })
    for (;;) {
      const event = await run.next()
      if (event.kind === 'done' && saveTo !== undefined) {
        // The file is moved when its writer has ended, and cannot change it.
        await run.end()
        await moveResult(resultFile(tempDir), saveTo, job.limits.resultBytes)
      }
      yield event
      if (event.kind === 'done') return
    }
  } finally {
    await run.end()
    await rm(tempDir, { recursive: true, force: true })
  }
}

type Waiting = { resolve: (event: SqlEvent) => void; reject: (error: unknown) => void }

class ProcessRun {
  readonly #memoryMiB: number
  readonly #deps: ProcessDeps
  readonly #fetches = new Map<number, OpenFetch>()
  readonly #events: SqlEvent[] = []
  readonly #ended = Promise.withResolvers<void>()
  readonly #timers: Timer[] = []
  #process: QueryProcess | null = null
  #waiting: Waiting | null = null
  #failure: { error: unknown } | null = null
  #isTaken = true

  constructor(memoryMiB: number, deps: ProcessDeps) {
    this.#memoryMiB = memoryMiB
    this.#deps = deps
  }

  start(job: QueryJob): void {
    const { seconds, startProcess, signal } = this.#deps
    const events: QueryProcessEvents = {
      onMessage: (message) => this.#handle(message),
      onEnd: (ending) => {
        this.#ended.resolve()
        this.#fail(endedError(ending))
      },
    }
    const started = startProcess(job.tempDir, events)
    this.#process = started
    signal.addEventListener('abort', this.#cancel, { once: true })
    this.#timers.push(clock.after(seconds * 1000, () => this.#fail(timeError(seconds))))
    if (started.pid !== null) this.#watchMemory(started.pid)
    if (job.savesResult) this.#watchResult(resultFile(job.tempDir), job.limits.resultBytes)
    started.post({ kind: 'start', job })
  }

  /** The next event, in order. */
  next(): Promise<SqlEvent> {
    const event = this.#events.shift()
    if (event) return Promise.resolve(event)
    if (this.#failure !== null) return Promise.reject(this.#failure.error)
    // The rows that were sent have been taken.
    if (!this.#isTaken) this.#process?.post({ kind: 'taken' })
    this.#isTaken = true
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** Kills the process, and waits until it has ended. */
  async end(): Promise<void> {
    this.#fail(cancelledError())
    if (this.#process !== null) await this.#ended.promise
  }

  readonly #cancel = () => this.#fail(cancelledError())

  #handle(message: FromQueryProcess): void {
    if (this.#failure !== null) return
    switch (message.kind) {
      case 'fetch':
        return void this.#fetch(message.id, message.request)
      case 'pull':
        return void this.#sendPiece(message.id)
      case 'abandon':
        this.#fetches.get(message.id)?.abandon()
        this.#fetches.delete(message.id)
        return
      case 'memory':
        return this.#checkMemory(message.residentBytes)
      case 'failed':
        return this.#fail(fromPostedError(message.error))
      case 'progress': {
        // Only the last one counts.
        const last = this.#events.at(-1)
        if (last?.kind === 'progress') this.#events.pop()
        return this.#push(message)
      }
      case 'rows':
        // It sends no more until these are taken.
        if (!this.#isTaken) return this.#fail(new Error('the process of a query sent rows before it was asked to'))
        this.#isTaken = false
        return this.#push(message)
      default:
        return this.#push(message)
    }
  }

  #push(event: SqlEvent): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting) waiting.resolve(event)
    else this.#events.push(event)
  }

  async #fetch(id: number, request: LakeRequest): Promise<void> {
    const opened = new OpenFetch()
    this.#fetches.set(id, opened)
    try {
      const response = await this.#deps.read(request, opened.signal)
      opened.read(response)
      this.#process?.post({ kind: 'response', id, status: response.status, headers: [...response.headers] })
    } catch (error) {
      this.#failFetch(id, error)
    }
  }

  async #sendPiece(id: number): Promise<void> {
    const opened = this.#fetches.get(id)
    if (!opened) return
    try {
      const bytes = await opened.nextPiece()
      if (bytes === null) this.#fetches.delete(id)
      this.#process?.post({ kind: 'bytes', id, bytes })
    } catch (error) {
      this.#failFetch(id, error)
    }
  }

  #failFetch(id: number, error: unknown): void {
    this.#fetches.delete(id)
    this.#process?.post({ kind: 'fetch-failed', id, message: error instanceof Error ? error.message : String(error) })
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = { error }
    this.#deps.signal.removeEventListener('abort', this.#cancel)
    for (const timer of this.#timers) timer.cancel()
    for (const opened of this.#fetches.values()) opened.abandon()
    this.#fetches.clear()
    this.#process?.kill()
    this.#waiting?.reject(error)
    this.#waiting = null
  }

  /**
   * DuckDB's own limit leaves out some of its allocations. If the system does not report the memory, the process does.
   */
  #watchMemory(pid: number): void {
    const check = async () => {
      const bytes = await readResidentBytes(pid)
      if (bytes !== null) this.#checkMemory(bytes)
    }
    this.#timers.push(clock.every(MEMORY_CHECK_MS, () => void check()))
  }

  /** DuckDB has no limit for the size of a file. */
  #watchResult(file: string, maxBytes: number): void {
    const check = async () => {
      const sizeBytes = await readFileSize(file)
      if (sizeBytes > maxBytes) this.#fail(resultTooLargeError(maxBytes))
    }
    this.#timers.push(clock.every(RESULT_CHECK_MS, () => void check()))
  }

  #checkMemory(residentBytes: number): void {
    const limitMiB = this.#memoryMiB + OWN_MEMORY_MIB
    if (residentBytes > limitMiB * BYTES_PER_MIB) this.#fail(memoryError(limitMiB))
  }
}

/** A response on its way to the process, in pieces. */
class OpenFetch {
  readonly #stop = new AbortController()
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null
  #rest: Uint8Array = new Uint8Array(0)

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  read({ body }: Response): void {
    this.#reader = body?.getReader() ?? null
  }

  async nextPiece(): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const { done = true, value } = (await this.#reader?.read()) ?? {}
      if (done) return null
      this.#rest = value ?? new Uint8Array(0)
    }
    const piece = this.#rest.subarray(0, MAX_PIECE_BYTES)
    this.#rest = this.#rest.subarray(piece.length)
    return piece
  }

  abandon(): void {
    this.#stop.abort()
    // It may have failed already.
    this.#reader?.cancel().catch(() => undefined)
  }
}

/** The size of a file, which may not exist yet. */
async function readFileSize(file: string): Promise<number> {
  try {
    return (await lstat(file)).size
  } catch {
    return 0
  }
}

/** @throws {AppError} too-large */
async function moveResult(file: string, target: string, maxBytes: number): Promise<void> {
  const found = await lstat(file)
  if (!found.isFile()) throw new Error('the result of a query is not a file')
  if (found.size > maxBytes) throw resultTooLargeError(maxBytes)
  try {
    await rename(file, target)
  } catch (error) {
    // Temporary files are often on another disk.
    if (errorCode(error) !== 'EXDEV') throw error
    await copyFile(file, target, constants.COPYFILE_EXCL)
  }
}

/** The memory of a process in use; null where the system does not say (only Linux does). */
async function readResidentBytes(pid: number): Promise<number | null> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => null)
  const pages = Number(statm?.split(' ')[1])
  return Number.isFinite(pages) ? pages * PAGE_BYTES : null
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'The query was cancelled.')
}

function timeError(seconds: number): AppError {
  return new AppError(
    'too-large',
    `The query was stopped after ${seconds} seconds, which is the limit on the server. Read less data, or ask an operator for more time.`,
    { facts: { seconds } },
  )
}

function resultTooLargeError(maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `The result takes more than ${formatBytes(maxBytes)} as a Parquet file, which is the limit for saved results. Nothing was saved. Save fewer rows or columns, such as one part after the other.`,
    { facts: { maxBytes } },
  )
}

function memoryError(limitMiB: number): AppError {
  return new AppError(
    'too-large',
    `The query was stopped because it took more than ${formatBytes(limitMiB * BYTES_PER_MIB)} of the server’s memory. Select fewer columns or rows.`,
  )
}

function endedError({ code, killedBy, stderr }: Parameters<QueryProcessEvents['onEnd']>[0]): AppError {
  const cause = new Error(`the process of a query ended with ${killedBy ?? code}\n${stderr}`)
  if (killedBy === 'SIGKILL')
    return new AppError(
      'too-large',
      'The process of the query was killed, probably because the machine ran out of memory. Select fewer columns or rows.',
      { cause },
    )
  if (/heap out of memory|bad_alloc/i.test(stderr))
    return new AppError('too-large', 'The query needs more memory than it may use. Select fewer columns or rows.', {
      cause,
    })
  return new AppError('query-failed', 'The process of the query crashed. Other queries are not affected.', { cause })
}
