import { AppError } from '@/lib/errors'
import type { ColumnChunk } from '@/lib/parquet/footer'
import { deserializeError } from '../rows/serialized-error'
import type {
  InspectionKind,
  InspectionReply,
  InspectionRequest,
  Inspections,
  InspectionTask,
} from './inspection-messages'

/** A worker does not reply while it parses; after this long it is ended. */
const PARSE_TIMEOUT_MS = 20_000
const PING_INTERVAL_MS = 1_000
/** A worker that is still busy with a cancelled inspection is ended after this long. */
const STOP_TIMEOUT_MS = 1_000

type PendingTask = {
  task: InspectionTask
  chunks: ColumnChunk[]
  resolve: (reply: { result: Inspections[InspectionKind]['result']; chunks: readonly ColumnChunk[] }) => void
  reject: (error: AppError) => void
}

/** The part of a worker that is used here. */
type StartedWorker = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>

/**
 * The page's side of the file inspector: one worker for all files, started when first needed. It is ended when a file
 * keeps it busy for too long, or longer than the inspection is requested, and restarted with its other inspections.
 */
export class InspectionWorker {
  readonly #startWorker: () => StartedWorker
  #worker: StartedWorker | null = null
  readonly #pending = new Map<number, PendingTask>()
  #lastId = 0
  #lastReplyAt = 0
  /** When the oldest inspection that the worker has not yet stopped was cancelled. */
  #cancelledAt: number | null = null
  #watchdog: ReturnType<typeof setInterval> | null = null

  constructor(startWorker: () => StartedWorker) {
    this.#startWorker = startWorker
  }

  /** @throws {AppError} cancelled, too-large when parsing takes too long, file-missing, file-damaged, not-supported */
  async inspect<Task extends InspectionTask>(
    task: Task,
    signal?: AbortSignal,
  ): Promise<{ result: Inspections[Task['kind']]['result']; chunks: readonly ColumnChunk[] }> {
    if (signal?.aborted) throw cancelledError()
    const id = ++this.#lastId
    return await new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#remove(id)?.reject(cancelledError())
        this.#cancelledAt ??= performance.now()
        this.#worker?.postMessage({ kind: 'cancel', id } satisfies InspectionRequest)
        this.#ping()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const withCleanup =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort)
          settle(value)
        }
      this.#pending.set(id, {
        task,
        chunks: [],
        resolve: withCleanup(resolve as PendingTask['resolve']),
        reject: withCleanup(reject),
      })
      this.#post({ kind: 'inspect', id, task })
      this.#startWatchdog()
    })
  }

  #post(request: InspectionRequest): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(request)
  }

  #ping(): void {
    this.#worker?.postMessage({ kind: 'ping' } satisfies InspectionRequest)
  }

  #start(): StartedWorker {
    const worker = this.#startWorker()
    worker.addEventListener('message', ({ data }: MessageEvent<InspectionReply>) => this.#handleReply(data))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#end()
      this.#rejectAll((file) => tooCostlyError(file, 'took more memory than there is'))
    })
    return worker
  }

  #handleReply(reply: InspectionReply): void {
    this.#lastReplyAt = performance.now()
    this.#cancelledAt = null
    switch (reply.kind) {
      case 'pong':
        break
      case 'chunks':
        this.#pending.get(reply.id)?.chunks.push(...reply.chunks)
        break
      case 'done': {
        const pending = this.#remove(reply.id)
        pending?.resolve({ result: reply.result, chunks: pending.chunks })
        break
      }
      case 'failed':
        this.#remove(reply.id)?.reject(deserializeError(reply.error))
    }
  }

  #remove(id: number): PendingTask | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #startWatchdog(): void {
    if (this.#watchdog !== null) return
    this.#lastReplyAt = performance.now()
    this.#watchdog = setInterval(() => this.#watch(), PING_INTERVAL_MS)
  }

  #watch(): void {
    const nowMs = performance.now()
    if (this.#cancelledAt !== null && nowMs - this.#cancelledAt > STOP_TIMEOUT_MS) {
      this.#end()
      for (const [id, { task }] of this.#pending) this.#post({ kind: 'inspect', id, task })
      this.#lastReplyAt = nowMs
    } else if (nowMs - this.#lastReplyAt > PARSE_TIMEOUT_MS) {
      this.#end()
      this.#rejectAll((file) => tooCostlyError(file, `took longer than ${PARSE_TIMEOUT_MS / 1000} seconds`))
    } else if (this.#pending.size > 0) this.#ping()
    if (this.#pending.size === 0 && this.#cancelledAt === null && this.#watchdog !== null) {
      clearInterval(this.#watchdog)
      this.#watchdog = null
    }
  }

  #end(): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#cancelledAt = null
    for (const { chunks } of this.#pending.values()) chunks.length = 0
  }

  #rejectAll(toError: (file: string) => AppError): void {
    for (const [id, { task }] of this.#pending) this.#remove(id)?.reject(toError(task.file.name))
  }
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'Reading the file was cancelled.')
}

function tooCostlyError(file: string, reason: string): AppError {
  return new AppError('too-large', `Reading the inside of ${file} ${reason}, so it was stopped.`, { facts: { file } })
}

/** The page's one worker for the insides of files. */
export const inspectionWorker = new InspectionWorker(
  () => new Worker(new URL('./inspection.worker.ts', import.meta.url), { type: 'module' }),
)
