import { AppError } from '@/lib/errors'
import type { ReadPlan, RowsReply, RowsRequest } from './row-messages'

export type RowsAnswer = Extract<RowsReply, { kind: 'rows' }>

/** A scan opened in the worker. */
export type OpenScan = {
  /** @throws {AppError} cancelled, token-expired, server-unreachable, too-large when decoding takes too long */
  rows(
    asked: { firstRow: number; lastRow: number; fieldIds: readonly number[] },
    signal: AbortSignal,
  ): Promise<RowsAnswer>
  close(): void
}

/** While the worker decodes it cannot answer; after this long the file is not one to wait for. */
const STUCK_AFTER_MS = 20_000
const PING_INTERVAL_MS = 2_000

type Waiting = { files: readonly string[]; resolve: (answer: RowsAnswer) => void; reject: (error: AppError) => void }

/**
 * The page's half of reading rows: one worker for all scans, started when first needed, ended and started again when
 * a file keeps it busy beyond measure.
 */
export class RowWorker {
  private readonly start: () => Worker
  private worker: Worker | null = null
  private readonly scans = new Map<number, ReadPlan>()
  private readonly waiting = new Map<number, Waiting>()
  private lastId = 0
  private heardAt = 0
  /** A worker that never said anything has not begun with any file. */
  private isHeard = false
  private watch: ReturnType<typeof setInterval> | null = null

  constructor(start: () => Worker) {
    this.start = start
  }

  /** Starts the worker ahead, while the plan is still asked for. */
  warm(): void {
    this.post({ kind: 'ping' })
  }

  open(plan: ReadPlan): OpenScan {
    const scan = ++this.lastId
    this.scans.set(scan, plan)
    this.post({ kind: 'open', scan, plan })
    return {
      rows: (asked, signal) => this.rows(scan, asked, signal),
      close: () => {
        this.scans.delete(scan)
        if (this.worker) this.post({ kind: 'close', scan })
      },
    }
  }

  private rows(
    scan: number,
    asked: { firstRow: number; lastRow: number; fieldIds: readonly number[] },
    signal: AbortSignal,
  ): Promise<RowsAnswer> {
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.post({ kind: 'cancel', id })
        this.settle(id)?.reject(new AppError('cancelled', 'Reading was cancelled.'))
      }
      if (signal.aborted) return reject(new AppError('cancelled', 'Reading was cancelled.'))
      signal.addEventListener('abort', onAbort, { once: true })
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort)
          settle(value)
        }
      this.waiting.set(id, { files: this.filesOf(scan, asked), resolve: done(resolve), reject: done(reject) })
      this.post({ kind: 'rows', scan, id, ...asked })
      this.watchOver()
    })
  }

  private post(request: RowsRequest): void {
    if (!this.worker) {
      const worker = this.start()
      worker.addEventListener('message', ({ data }: MessageEvent<RowsReply>) => this.take(data))
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        const detail = `The worker that reads rows failed: ${event.message}`
        this.end((files) =>
          this.isHeard ? tooMuch(files, 'took more memory than there is') : new AppError('internal', detail),
        )
      })
      this.worker = worker
      // A worker that was ended has forgotten its scans.
      for (const [scan, plan] of this.scans) {
        if (request.kind !== 'open' || request.scan !== scan) worker.postMessage({ kind: 'open', scan, plan })
      }
    }
    this.worker.postMessage(request)
  }

  private take(reply: RowsReply): void {
    this.heardAt = performance.now()
    this.isHeard = true
    if (reply.kind === 'pong') return
    const asked = this.settle(reply.id)
    if (reply.kind === 'failed')
      asked?.reject(new AppError(reply.error.code, reply.error.message, sentOptions(reply.error)))
    else asked?.resolve(reply)
  }

  private settle(id: number): Waiting | undefined {
    const asked = this.waiting.get(id)
    this.waiting.delete(id)
    if (this.waiting.size === 0 && this.watch !== null) {
      clearInterval(this.watch)
      this.watch = null
    }
    return asked
  }

  private watchOver(): void {
    if (this.watch !== null) return
    this.heardAt = performance.now()
    this.watch = setInterval(() => {
      if (performance.now() - this.heardAt > STUCK_AFTER_MS) {
        this.end((files) => tooMuch(files, `took longer than ${STUCK_AFTER_MS / 1000} seconds`))
      } else this.worker?.postMessage({ kind: 'ping' } satisfies RowsRequest)
    }, PING_INTERVAL_MS)
  }

  /** The files that hold the rows: while the worker is busy nobody hears which of them it is at. */
  private filesOf(scan: number, { firstRow, lastRow }: { firstRow: number; lastRow: number }): string[] {
    const files = this.scans.get(scan)?.files ?? []
    const holding = files.filter(
      (file) => file.firstRowIndex < lastRow && file.firstRowIndex + file.recordCount > firstRow,
    )
    return holding.map(({ path }) => path)
  }

  private end(reasonFor: (files: readonly string[]) => AppError): void {
    this.worker?.terminate()
    this.worker = null
    for (const [id, { files }] of this.waiting) this.settle(id)?.reject(reasonFor(files))
    this.isHeard = false
  }
}

function tooMuch(files: readonly string[], what: string): AppError {
  const [file] = files
  const named = files.length > 1 ? `${file} and ${files.length - 1} more` : (file ?? 'these rows')
  return new AppError('too-large', `Decoding ${named} ${what}.`, { facts: { file: file ?? null } })
}

function sentOptions({ facts, requestId }: { facts: AppError['facts']; requestId: string | null }) {
  return { facts: { ...facts }, ...(requestId !== null && { requestId }) }
}

/** The page's one worker for rows. */
export const rowWorker = new RowWorker(
  () => new Worker(new URL('./rows.worker.ts', import.meta.url), { type: 'module' }),
)
