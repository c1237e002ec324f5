import { AppError } from '@/lib/errors'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import type { ListedFile } from '@/lib/api/listed-files'
import type { ListedFilesPage, ReadPlan, RowRange, RowsReply, RowsRequest } from './row-messages'
import { deserializeError, serializeError } from './serialized-error'

export type RowsResult = Extract<RowsReply, { kind: 'rows' }>
export type CountResult = Extract<RowsReply, { kind: 'counted' }>
export type RowSearchResult = Extract<RowsReply, { kind: 'searched' }>
export type MatchesResult = Extract<RowsReply, { kind: 'matches' }>

/** A scan opened in the worker. */
export type OpenScan = {
  /** @throws {AppError} cancelled, token-expired, server-unreachable, too-large when decoding takes too long */
  readRows(range: RowRange, signal: AbortSignal): Promise<RowsResult>
  /** How many rows of each file are deleted. @throws {AppError} as {@link readRows}; file-damaged, file-missing … */
  countDeleted(files: readonly ListedFile[], signal: AbortSignal): Promise<CountResult>
  /** Searches a scan with a filter for a while, until so many bytes are read. @throws {AppError} cancelled */
  search(maxBytes: number, signal: AbortSignal): Promise<RowSearchResult>
  /** Rows that pass the filter, counted among those. @throws {AppError} as {@link countDeleted} */
  readMatches(range: Omit<RowRange, 'files'>, signal: AbortSignal): Promise<MatchesResult>
  /** Reads on with another token. */
  renew(token: string): void
  /** Starts sorting by a column. */
  startSort(capacity: number): RowSort
  close(): void
}

/** Values of a column, which the worker keeps until they are in order. */
export type RowSort = {
  /** Reads the values of the next rows. @throws {AppError} as {@link OpenScan.readRows}; too-large */
  addRows(range: RowRange, signal: AbortSignal): Promise<Extract<RowsReply, { kind: 'keys-added' }>>
  /** The rows in order: their indices among the added ones. */
  end(direction: SortDirection, signal: AbortSignal): Promise<Uint32Array>
  /** Forgets the values. */
  release(): void
}

/** Lists more files of a scan with a filter. */
type ListFiles = (fromFile: number) => Promise<ListedFilesPage>

/** A worker does not reply while it decodes; after this long the decode is abandoned. */
const DECODE_TIMEOUT_MS = 20_000
const PING_INTERVAL_MS = 2_000

type PendingRequest = {
  /** The files with the rows: a busy worker does not report which of them it is reading. */
  files: readonly string[]
  resolve: (reply: RowsReply) => void
  reject: (error: AppError) => void
}

/**
 * The page's side of reading rows: one worker for all scans. It is started when first needed, and ended and restarted
 * when a file keeps it busy for too long.
 */
export class RowWorker {
  private readonly startWorker: () => Worker
  private worker: Worker | null = null
  private readonly scans = new Map<number, { plan: ReadPlan; listFiles: ListFiles | undefined }>()
  private readonly pending = new Map<number, PendingRequest>()
  private lastId = 0
  private lastReplyAt = 0
  /** A worker that never replied has not started with any file. */
  private hasReplied = false
  private watchdog: ReturnType<typeof setInterval> | null = null

  constructor(startWorker: () => Worker) {
    this.startWorker = startWorker
  }

  /** Starts the worker early, while the plan is being requested. */
  warmUp(): void {
    this.post({ kind: 'ping' })
  }

  /** @param listFiles needed for a plan with a filter */
  open(plan: ReadPlan, listFiles?: ListFiles): OpenScan {
    const scan = ++this.lastId
    this.scans.set(scan, { plan, listFiles })
    this.post({ kind: 'open', scan, plan })
    return {
      readRows: async (range, signal) => {
        const paths = range.files.map(({ file }) => file.path)
        const reply = await this.request((id) => ({ kind: 'rows', scan, id, ...range }), paths, signal)
        if (reply.kind !== 'rows') throw unexpectedReplyError(reply)
        return reply
      },
      countDeleted: async (files, signal) => {
        const paths = files.map(({ path }) => path)
        const reply = await this.request((id) => ({ kind: 'count', scan, id, files }), paths, signal)
        if (reply.kind !== 'counted') throw unexpectedReplyError(reply)
        return reply
      },
      startSort: (capacity) => this.startSort(scan, capacity),
      search: async (maxBytes, signal) => {
        const reply = await this.request((id) => ({ kind: 'search', scan, id, maxBytes }), [], signal)
        if (reply.kind !== 'searched') throw unexpectedReplyError(reply)
        return reply
      },
      readMatches: async (range, signal) => {
        const reply = await this.request((id) => ({ kind: 'matches', scan, id, ...range }), [], signal)
        if (reply.kind !== 'matches') throw unexpectedReplyError(reply)
        return reply
      },
      renew: (token) => {
        const opened = this.scans.get(scan)
        if (opened) this.scans.set(scan, { ...opened, plan: { ...opened.plan, token } })
        this.post({ kind: 'renew', scan, token })
      },
      close: () => {
        this.scans.delete(scan)
        if (this.worker) this.post({ kind: 'close', scan })
      },
    }
  }

  private startSort(scan: number, capacity: number): RowSort {
    const sort = ++this.lastId
    return {
      addRows: async (range, signal) => {
        const paths = range.files.map(({ file }) => file.path)
        const reply = await this.request(
          (id) => ({ kind: 'sort-keys', scan, id, sort, capacity, ...range }),
          paths,
          signal,
        )
        if (reply.kind !== 'keys-added') throw unexpectedReplyError(reply)
        return reply
      },
      end: async (direction, signal) => {
        const reply = await this.request((id) => ({ kind: 'sort-end', scan, id, sort, direction }), [], signal)
        if (reply.kind !== 'sorted') throw unexpectedReplyError(reply)
        return reply.order
      },
      release: () => {
        if (this.worker) this.post({ kind: 'sort-release', scan, sort })
      },
    }
  }

  private request(
    toRequest: (id: number) => RowsRequest,
    files: readonly string[],
    signal: AbortSignal,
  ): Promise<RowsReply> {
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.post({ kind: 'cancel', id })
        this.removePending(id)?.reject(new AppError('cancelled', 'Reading was cancelled.'))
      }
      if (signal.aborted) return reject(new AppError('cancelled', 'Reading was cancelled.'))
      signal.addEventListener('abort', onAbort, { once: true })
      const withCleanup =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort)
          settle(value)
        }
      this.pending.set(id, {
        files,
        resolve: withCleanup(resolve),
        reject: withCleanup(reject),
      })
      this.post(toRequest(id))
      this.startWatchdog()
    })
  }

  private post(request: RowsRequest): void {
    if (!this.worker) {
      const worker = this.startWorker()
      worker.addEventListener('message', ({ data }: MessageEvent<RowsReply>) => this.handleReply(data))
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        const detail = `The worker that reads rows failed: ${event.message}`
        this.terminate((files) =>
          this.hasReplied
            ? decodeTooCostlyError(files, 'took more memory than there is')
            : new AppError('internal', detail),
        )
      })
      this.worker = worker
      // A new worker does not know the scans.
      for (const [scan, { plan }] of this.scans) {
        if (request.kind !== 'open' || request.scan !== scan) worker.postMessage({ kind: 'open', scan, plan })
      }
    }
    this.worker.postMessage(request)
  }

  private handleReply(reply: RowsReply): void {
    this.lastReplyAt = performance.now()
    this.hasReplied = true
    if (reply.kind === 'pong') return
    if (reply.kind === 'list') {
      if (this.worker) void this.listFiles(this.worker, reply)
      return
    }
    const request = this.removePending(reply.id)
    if (reply.kind === 'failed') request?.reject(deserializeError(reply.error))
    else request?.resolve(reply)
  }

  /** Only the worker that asked for the files knows what to do with them. */
  private async listFiles(worker: Worker, { scan, list, fromFile }: RowsReply & { kind: 'list' }): Promise<void> {
    const listFiles = this.scans.get(scan)?.listFiles
    if (!listFiles) return
    const files = await listFiles(fromFile).catch(serializeError)
    if (this.worker === worker) this.post({ kind: 'listed', scan, list, files })
  }

  private removePending(id: number): PendingRequest | undefined {
    const request = this.pending.get(id)
    this.pending.delete(id)
    if (this.pending.size === 0 && this.watchdog !== null) {
      clearInterval(this.watchdog)
      this.watchdog = null
    }
    return request
  }

  private startWatchdog(): void {
    if (this.watchdog !== null) return
    this.lastReplyAt = performance.now()
    this.watchdog = setInterval(() => {
      if (performance.now() - this.lastReplyAt > DECODE_TIMEOUT_MS) {
        this.terminate((files) => decodeTooCostlyError(files, `took longer than ${DECODE_TIMEOUT_MS / 1000} seconds`))
      } else this.worker?.postMessage({ kind: 'ping' } satisfies RowsRequest)
    }, PING_INTERVAL_MS)
  }

  private terminate(toError: (files: readonly string[]) => AppError): void {
    this.worker?.terminate()
    this.worker = null
    for (const [id, { files }] of this.pending) this.removePending(id)?.reject(toError(files))
    this.hasReplied = false
  }
}

function unexpectedReplyError({ kind }: RowsReply): AppError {
  return new AppError('internal', `The worker that reads rows replied with ${kind} to another request.`)
}

function decodeTooCostlyError(files: readonly string[], reason: string): AppError {
  const [file] = files
  const description = files.length > 1 ? `${file} and ${files.length - 1} more` : (file ?? 'these rows')
  return new AppError('too-large', `Decoding ${description} ${reason}.`, { facts: { file: file ?? null } })
}

/** The page's one worker for rows. */
export const rowWorker = new RowWorker(
  () => new Worker(new URL('./rows.worker.ts', import.meta.url), { type: 'module' }),
)
