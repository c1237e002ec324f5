import { AppError, type ErrorCode } from '@/lib/errors'
import { importCode } from '@/lib/import-code'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { createRowReader, type ReadRowsOptions, type RowBatch, type RowReader } from '@/lib/scan/read-rows'
import type { ShownValue } from '@/lib/scan/read/unreadable-cell'
import { readSparseRows } from '@/lib/scan/sort/read-sparse-rows'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'
import type { LiveFile } from '@/lib/scan/live-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { createRemoteSource } from '@/lib/api/remote-file'
import { deleteBytesUrl, fileBytesUrl } from '@/lib/api/file-bytes-url'
import type { ListedFile } from '@/lib/api/listed-files'
import { decodeConstants } from '@/lib/api/planned-constants'
import { FileListing } from './file-listing'
import { OpenSorts } from './open-sorts'
import type { FailedRows, ReadFilter, ReadPlan, RowRange, RowsReply, RowsRequest } from './row-messages'
import { serializeError } from './serialized-error'
import type { FilteredScanDeps, FilteredScanServer } from './serve-filtered-rows'

/** Failures that concern the whole request rather than one file. */
const WHOLE_REQUEST_CODES: ReadonlySet<ErrorCode> = new Set([
  'cancelled',
  'token-expired',
  'unauthenticated',
  'forbidden',
  'location-refused',
  'read-restricted',
  'format-unsupported',
  'server-unreachable',
])

type RowServerOptions = {
  codecs: DataFileCodecs
  /** Opens the bytes of a planned file with the token of its scan; by default over HTTP. */
  open?: OpenFile
  /** Opens the bytes of a planned delete file. */
  openDelete?: OpenDeleteFile
}

/** The worker's side of reading rows: caches the readers of opened scans, and serves requests one by one. */
export function createRowServer(
  reply: (message: RowsReply) => void,
  { codecs, open = openRemote, openDelete = openRemoteDelete }: RowServerOptions,
): (request: RowsRequest) => void {
  const scans = new Map<number, ServedScan>()
  const running = new Map<number, AbortController>()
  const filteredScans = new Map<number, FilteredScan>()
  const listing = new FileListing(reply)

  const openFilteredScan = (scan: number, plan: ReadPlan, filter: ReadFilter): void => {
    const listFiles = (fromFile: number) => listing.request(scan, fromFile)
    filteredScans.set(scan, new FilteredScan({ ...plan, filter }, { codecs, open, openDelete, listFiles }))
  }

  const findWork = (request: WorkRequest): ((signal: AbortSignal) => Promise<RowsReply>) | null => {
    const scan = scans.get(request.scan)
    const filtered = filteredScans.get(request.scan)
    switch (request.kind) {
      case 'rows':
        return scan ? (signal) => readRows(scan, request, signal) : null
      case 'count':
        return scan ? (signal) => countDeleted(scan, request, signal) : null
      case 'search':
        return filtered ? async (signal) => (await filtered.load()).search(request, signal) : null
      case 'matches':
        return filtered ? async (signal) => (await filtered.load()).readMatches(request, signal) : null
      case 'sort-keys':
        if (filtered) return async (signal) => (await filtered.load()).addSortKeys(request, signal)
        return scan ? (signal) => addSortKeys(scan, request, signal) : null
      case 'sort-end':
        if (filtered) return async () => (await filtered.load()).sorts.end(request)
        return scan ? async () => scan.sorts.end(request) : null
    }
  }

  const answerRequest = async (request: WorkRequest): Promise<void> => {
    const work = findWork(request)
    if (!work) return
    const controller = new AbortController()
    running.set(request.id, controller)
    try {
      reply(await work(controller.signal))
    } catch (error) {
      reply({ kind: 'failed', id: request.id, error: serializeError(error) })
    } finally {
      running.delete(request.id)
    }
  }

  return (request) => {
    switch (request.kind) {
      case 'open':
        if (request.plan.filter) openFilteredScan(request.scan, request.plan, request.plan.filter)
        else scans.set(request.scan, openScan(request.plan, { codecs, open, openDelete }))
        break
      case 'rows':
      case 'count':
      case 'sort-keys':
      case 'sort-end':
      case 'search':
      case 'matches':
        void answerRequest(request)
        break
      case 'sort-release':
        scans.get(request.scan)?.sorts.release(request.sort)
        filteredScans.get(request.scan)?.releaseSort(request.sort)
        break
      case 'cancel':
        running.get(request.id)?.abort()
        break
      case 'listed':
        listing.accept(request)
        break
      case 'renew':
        filteredScans.get(request.scan)?.renew(request.token)
        break
      case 'close':
        scans.delete(request.scan)
        filteredScans.delete(request.scan)
        break
      case 'ping':
        reply({ kind: 'pong' })
        break
    }
  }
}

type WorkRequest = RowsRequest & { kind: 'rows' | 'count' | 'search' | 'matches' | 'sort-keys' | 'sort-end' }

/**
 * A scan with a filter, whose code is loaded when it is first read. Opening has no reply, so a failure is that of what
 * reads the scan.
 */
class FilteredScan {
  readonly #deps: FilteredScanDeps
  #plan: ReadPlan & { filter: ReadFilter }
  #server: Promise<FilteredScanServer> | null = null

  constructor(plan: ReadPlan & { filter: ReadFilter }, deps: FilteredScanDeps) {
    this.#plan = plan
    this.#deps = deps
  }

  /** @throws {AppError} invalid-request for a filter that does not fit the fields; server-unreachable */
  load(): Promise<FilteredScanServer> {
    this.#server ??= importCode(() => import('./serve-filtered-rows')).then(
      (code) => new code.FilteredScanServer(this.#plan, this.#deps),
    )
    return this.#server.catch((error: unknown) => {
      this.#server = null
      throw error
    })
  }

  renew(token: string): void {
    this.#plan = { ...this.#plan, token }
    this.#whenLoaded((server) => server.renew(token))
  }

  releaseSort(sort: number): void {
    this.#whenLoaded((server) => server.sorts.release(sort))
  }

  /** Nothing while it is not loaded, or after that failed. */
  #whenLoaded(work: (server: FilteredScanServer) => void): void {
    void this.#server?.then(work, () => undefined)
  }
}

type OpenFile = (file: ListedFile, token: string) => ByteSource
type OpenDeleteFile = (file: DeleteFile, token: string) => ByteSource

/** A scan and the ranges that are being read: each brings its files, so the worker holds no others. */
type ServedScan = {
  reader: RowReader
  ranges: Set<RowRange>
  toScanFile: (file: ListedFile) => ScanFile
  sorts: OpenSorts
}

async function readRows(
  { reader, ranges }: ServedScan,
  request: RowsRequest & { kind: 'rows' },
  signal: AbortSignal,
): Promise<RowsReply> {
  const startedAt = performance.now()
  const showRows = (options: ReadRowsOptions) => reader.readShownRows(options)
  ranges.add(request)
  try {
    const { batches, failed } = request.rows
      ? { batches: [await readSparseRows(showRows, request.rows, request.fieldIds, signal)], failed: [] }
      : await readAroundFailures(reader, request, signal)
    const elapsedMs = performance.now() - startedAt
    return { kind: 'rows', id: request.id, batches, failed, cost: reader.cost(), elapsedMs }
  } finally {
    ranges.delete(request)
  }
}

async function addSortKeys(
  { reader, ranges, sorts }: ServedScan,
  request: RowsRequest & { kind: 'sort-keys' },
  signal: AbortSignal,
): Promise<RowsReply> {
  ranges.add(request)
  try {
    await sorts.addRows(request, (options) => reader.readRows(options), signal)
    return { kind: 'keys-added', id: request.id, cost: reader.cost() }
  } finally {
    ranges.delete(request)
  }
}

async function countDeleted(
  { reader, toScanFile }: ServedScan,
  { id, files }: RowsRequest & { kind: 'count' },
  signal: AbortSignal,
): Promise<RowsReply> {
  const counts = await reader.countDeleted(files.map(toScanFile), signal)
  return { kind: 'counted', id, counts, cost: reader.cost() }
}

function openScan(
  { fields, token, nameMapping, showsDeleted = false }: ReadPlan,
  { codecs, open, openDelete }: Required<RowServerOptions>,
): ServedScan {
  const ranges = new Set<RowRange>()
  const listedByScanFile = new WeakMap<ScanFile, ListedFile>()
  const toScanFile = (listed: ListedFile): ScanFile => {
    const file: ScanFile = { ...listed, constants: decodeConstants(listed) }
    listedByScanFile.set(file, listed)
    return file
  }
  const filesForRows = async (firstRow: number, lastRow: number): Promise<LiveFile[]> => {
    // Requests run at the same time, and one for rows here and there has not all files between them.
    for (const range of ranges) {
      const files = range.files.filter(
        ({ firstLiveRow, liveRowCount }) => firstLiveRow < lastRow && firstLiveRow + liveRowCount > firstRow,
      )
      if (countRows(files, firstRow, lastRow) < lastRow - firstRow) continue
      return files.map((live) => ({ ...live, file: toScanFile(live.file) }))
    }
    throw new AppError('cancelled', 'Reading was cancelled.')
  }
  const reader = createRowReader({
    fields,
    nameMapping,
    showsDeleted,
    codecs,
    // The page counts the rows and requests none beyond.
    files: { rowCount: Number.POSITIVE_INFINITY, filesForRows },
    open: (file) => {
      const listed = listedByScanFile.get(file)
      if (!listed) throw new Error(`${file.path} is not part of this scan`)
      return open(listed, token)
    },
    openDelete: (file) => openDelete(file, token),
  })
  return { reader, ranges, toScanFile, sorts: new OpenSorts(fields) }
}

/** How many of the rows are in the files. */
function countRows(files: RowRange['files'], firstRow: number, lastRow: number): number {
  return files.reduce(
    (sum, { firstLiveRow, liveRowCount }) =>
      sum + Math.min(lastRow, firstLiveRow + liveRowCount) - Math.max(firstRow, firstLiveRow),
    0,
  )
}

/** All requested rows; if one of several files cannot be read, the rows of the others. */
async function readAroundFailures(
  reader: RowReader,
  { firstRow, lastRow, fieldIds, files }: RowRange,
  signal: AbortSignal,
): Promise<{ batches: RowBatch<ShownValue>[]; failed: FailedRows[] }> {
  try {
    return { batches: [await reader.readShownRows({ firstRow, lastRow, fieldIds, signal })], failed: [] }
  } catch (error) {
    if (!(error instanceof AppError) || WHOLE_REQUEST_CODES.has(error.code)) throw error
    const first = files.find(({ firstLiveRow, liveRowCount }) => firstLiveRow + liveRowCount > firstRow)
    const end = first ? first.firstLiveRow + first.liveRowCount : lastRow
    if (end >= lastRow) return { batches: [], failed: [{ firstRow, lastRow, error: serializeError(error) }] }
    const head = await readAroundFailures(reader, { firstRow, lastRow: end, fieldIds, files }, signal)
    const rest = await readAroundFailures(reader, { firstRow: end, lastRow, fieldIds, files }, signal)
    return { batches: [...head.batches, ...rest.batches], failed: [...head.failed, ...rest.failed] }
  }
}

export function openRemote({ index, path, fileSizeBytes }: ListedFile, token: string): ByteSource {
  return createRemoteSource({ url: fileBytesUrl(token, index), name: path, byteLength: fileSizeBytes })
}

export function openRemoteDelete({ index, path, fileSizeBytes }: DeleteFile, token: string): ByteSource {
  return createRemoteSource({ url: deleteBytesUrl(token, index), name: path, byteLength: fileSizeBytes })
}
