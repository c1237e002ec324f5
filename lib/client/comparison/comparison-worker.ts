import { AppError } from '@/lib/errors'
import type { CompareProgress } from '@/lib/scan/compare/compare-rows'
import type { ChangedRows, ChangeFilter, ComparisonResult } from '@/lib/scan/compare/snapshot-comparison'
import type { ReadCost } from '@/lib/scan/data-files'
import { deserializeError } from '../rows/serialized-error'
import type { ComparedRowsChoice, ComparisonReply, ComparisonRequest, SidePlan } from './comparison-messages'

export type Compared = { result: ComparisonResult; cost: ReadCost; elapsedMs: number }

/** A comparison that runs in a worker of its own, which holds the hashes of its rows until it is closed. */
export class ComparisonWorker {
  readonly #worker: Worker
  readonly #reads = new Map<number, { resolve: (rows: ChangedRows) => void; reject: (error: AppError) => void }>()
  #comparison: { resolve: (compared: Compared) => void; reject: (error: AppError) => void } | null = null
  #onProgress: (progress: CompareProgress, cost: ReadCost) => void = () => undefined
  #lastId = 0

  constructor(startWorker = () => new Worker(new URL('./comparison.worker.ts', import.meta.url), { type: 'module' })) {
    this.#worker = startWorker()
    this.#worker.addEventListener('message', ({ data }: MessageEvent<ComparisonReply>) => this.#handleReply(data))
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#rejectAll(new AppError('too-large', `The worker that compares rows failed: ${event.message}`))
    })
  }

  /** @throws {AppError} as `SnapshotComparison.run`; cancelled when it is closed */
  compare(
    sides: { before: SidePlan; after: SidePlan },
    choice: ComparedRowsChoice,
    onProgress: (progress: CompareProgress, cost: ReadCost) => void,
  ): Promise<Compared> {
    this.#onProgress = onProgress
    return new Promise((resolve, reject) => {
      this.#comparison = { resolve, reject }
      this.#post({ kind: 'compare', ...sides, ...choice })
    })
  }

  /** Rows of a kind by their position among these; `to` is exclusive. */
  read(filter: ChangeFilter, { from, to }: { from: number; to: number }): Promise<ChangedRows> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#reads.set(id, { resolve, reject })
      this.#post({ kind: 'read', id, filter, from, to })
    })
  }

  close(): void {
    this.#worker.terminate()
    this.#rejectAll(new AppError('cancelled', 'The comparison was cancelled.'))
  }

  #post(request: ComparisonRequest): void {
    this.#worker.postMessage(request)
  }

  #handleReply(reply: ComparisonReply): void {
    switch (reply.kind) {
      case 'progress':
        this.#onProgress(reply.progress, reply.cost)
        break
      case 'compared':
        this.#comparison?.resolve(reply)
        this.#comparison = null
        break
      case 'rows':
        this.#reads.get(reply.id)?.resolve(reply.rows)
        this.#reads.delete(reply.id)
        break
      case 'failed':
        if (reply.id === null) {
          this.#comparison?.reject(deserializeError(reply.error))
          this.#comparison = null
        } else {
          this.#reads.get(reply.id)?.reject(deserializeError(reply.error))
          this.#reads.delete(reply.id)
        }
    }
  }

  #rejectAll(error: AppError): void {
    this.#comparison?.reject(error)
    this.#comparison = null
    for (const { reject } of this.#reads.values()) reject(error)
    this.#reads.clear()
  }
}
