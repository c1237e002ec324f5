import 'server-only'
import { AppError } from '@/lib/errors'
import type { EncodedRows } from '@/lib/scan/output/encode-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { fromPostedError, toPostedError } from '@/server/processes/posted-error'
import { ownBuffers } from './read-in-thread'
import type { Answer, FromThread, Question, RowsJob } from '@/server/processes/row-messages'
import { clock, type Timer } from '@/server/timing/clock'
import type { RowThread, StartRowThread } from './start-row-thread'

/** Where the rows of a stream are. */
export type RowFiles = {
  /** The next files in order; empty after the last one. */
  nextFiles(): Promise<readonly ScanFile[]>
  read(location: string, range: { start: number; end: number }): Promise<Uint8Array>
  sizeBytes(location: string): Promise<number>
}

/** Rows as bytes, which a thread reads and encodes as they are requested. */
export type RowStream = {
  /**
   * The next piece; null after the last one.
   *
   * @throws {AppError} as the reader and the encoder do; too-large when decoding takes too long or too much memory
   */
  next(): Promise<EncodedRows | null>
  /** Ends the thread. */
  close(): void
}

/** How long a thread may decode without a message. */
const DECODE_TIMEOUT_MS = 20_000
const CHECK_INTERVAL_MS = 1_000

export function openRowStream(
  startThread: StartRowThread,
  job: RowsJob,
  files: RowFiles,
  { decodeTimeoutMs = DECODE_TIMEOUT_MS } = {},
): RowStream {
  return new ThreadStream(startThread, job, files, decodeTimeoutMs)
}

type Pending = { resolve: (piece: EncodedRows | null) => void; reject: (error: unknown) => void }

class ThreadStream implements RowStream {
  readonly #files: RowFiles
  readonly #thread: RowThread
  readonly #watch: Timer
  #pending: Pending | null = null
  #failure: unknown = null
  /** When the thread began its current work, unless it waits for an answer. */
  #busySinceMs = clock.elapsedMs()
  #openQuestions = 0

  constructor(startThread: StartRowThread, job: RowsJob, files: RowFiles, decodeTimeoutMs: number) {
    this.#files = files
    this.#thread = startThread({
      onMessage: (message) => this.#handle(message),
      onEnd: (cause) => this.#fail(toThreadError(cause)),
    })
    this.#thread.post({ kind: 'start', job }, [])
    this.#watch = clock.every(CHECK_INTERVAL_MS, () => {
      const isBusy = this.#pending !== null && this.#openQuestions === 0
      if (!isBusy || clock.elapsedMs() - this.#busySinceMs < decodeTimeoutMs) return
      this.#fail(new AppError('too-large', `Decoding these rows takes longer than ${decodeTimeoutMs / 1000} seconds.`))
    })
    this.#watch.unref()
  }

  next(): Promise<EncodedRows | null> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      this.#pending = { resolve, reject }
      this.#busySinceMs = clock.elapsedMs()
      this.#thread.post({ kind: 'pull' }, [])
    })
  }

  close(): void {
    this.#fail(new AppError('cancelled', 'Reading was cancelled.'))
  }

  #handle(message: FromThread): void {
    this.#busySinceMs = clock.elapsedMs()
    switch (message.kind) {
      case 'piece': {
        const pending = this.#pending
        this.#pending = null
        return pending?.resolve(message.piece)
      }
      case 'failed':
        return this.#fail(fromPostedError(message.error))
      case 'question':
        void this.#reply(message.id, message.question)
    }
  }

  async #reply(id: number, question: Question): Promise<void> {
    this.#openQuestions += 1
    try {
      const answer = await this.#answer(question)
      if (this.#failure === null) this.#thread.post({ kind: 'reply', id, answer }, buffersOf(answer))
    } catch (error) {
      // The thread reports it with the file that it was reading.
      if (this.#failure === null) this.#thread.post({ kind: 'reply', id, error: toPostedError(error) }, [])
    } finally {
      this.#openQuestions -= 1
      this.#busySinceMs = clock.elapsedMs()
    }
  }

  async #answer(question: Question): Promise<Answer> {
    switch (question.kind) {
      case 'files':
        return { files: await this.#files.nextFiles() }
      case 'read':
        return { bytes: await this.#files.read(question.location, question) }
      case 'read-end': {
        const { location, lengthBytes } = question
        const sizeBytes = await this.#files.sizeBytes(location)
        const start = Math.max(0, sizeBytes - lengthBytes)
        const bytes = start < sizeBytes ? await this.#files.read(location, { start, end: sizeBytes }) : NO_BYTES
        return { bytes, sizeBytes }
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#watch.cancel()
    this.#thread.end()
    this.#pending?.reject(error)
    this.#pending = null
  }
}

const NO_BYTES = new Uint8Array(0)

/** Small reads may share the memory of Node's pool, which cannot be moved. */
function buffersOf(answer: Answer): ArrayBuffer[] {
  return 'bytes' in answer ? ownBuffers(answer.bytes) : []
}

function toThreadError(cause: unknown): unknown {
  const isOutOfMemory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isOutOfMemory
    ? new AppError('too-large', 'Decoding these rows takes more memory than is available.', { cause })
    : cause
}
