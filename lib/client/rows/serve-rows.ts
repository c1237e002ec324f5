import type { PlannedFile } from '@/lib/contract/scan'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { createRowReader, type RowBatch, type RowReader } from '@/lib/scan/read-rows'
import { filesWithRows, type ScanFile } from '@/lib/scan/scan-files'
import { createRemoteSource } from '../duckdb/remote-file'
import { fileBytesUrl } from '../call/file-bytes-url'
import { decodeConstants } from '../planned-constants'
import type { FailedRows, ReadPlan, RowRange, RowsReply, RowsRequest, SerializedError } from './row-messages'

/** Failures that concern the whole request rather than one file. */
const WHOLE_REQUEST_CODES: ReadonlySet<ErrorCode> = new Set([
  'cancelled',
  'token-expired',
  'unauthenticated',
  'forbidden',
  'location-refused',
  'server-unreachable',
])

type RowServerOptions = {
  codecs: DataFileCodecs
  /** Opens the bytes of a planned file with the token of its scan; by default over HTTP. */
  open?: OpenFile
}

/** The worker's side of reading rows: caches the readers of opened scans, and serves requests one by one. */
export function createRowServer(
  reply: (message: RowsReply) => void,
  { codecs, open = openRemote }: RowServerOptions,
): (request: RowsRequest) => void {
  const scans = new Map<number, ServedScan>()
  const running = new Map<number, AbortController>()

  const answerRequest = async (request: RowsRequest & { kind: 'rows' }): Promise<void> => {
    const scan = scans.get(request.scan)
    if (!scan) return
    const { reader } = scan
    const controller = new AbortController()
    running.set(request.id, controller)
    const startedAt = performance.now()
    scan.ranges.add(request)
    try {
      const { batches, failed } = await readAroundFailures(reader, request, controller.signal)
      const elapsedMs = performance.now() - startedAt
      reply({ kind: 'rows', id: request.id, batches, failed, cost: reader.cost(), elapsedMs })
    } catch (error) {
      reply({ kind: 'failed', id: request.id, error: serializeError(error) })
    } finally {
      running.delete(request.id)
      scan.ranges.delete(request)
    }
  }

  return (request) => {
    switch (request.kind) {
      case 'open':
        scans.set(request.scan, openScan(request.plan, { codecs, open }))
        break
      case 'rows':
        void answerRequest(request)
        break
      case 'cancel':
        running.get(request.id)?.abort()
        break
      case 'close':
        scans.delete(request.scan)
        break
      case 'ping':
        reply({ kind: 'pong' })
        break
    }
  }
}

type OpenFile = (file: PlannedFile, token: string) => ByteSource

/** A scan and the ranges that are being read: each brings its files, so the worker holds no others. */
type ServedScan = { reader: RowReader; ranges: Set<RowRange> }

function openScan(
  { fields, token, rowCount, nameMapping }: ReadPlan,
  { codecs, open }: Required<RowServerOptions>,
): ServedScan {
  const ranges = new Set<RowRange>()
  const plannedByScanFile = new WeakMap<ScanFile, PlannedFile>()
  const filesForRows = async (firstRow: number, lastRow: number): Promise<ScanFile[]> => {
    const range = [...ranges].find((one) => one.firstRow <= firstRow && one.lastRow >= lastRow)
    if (!range) throw new AppError('cancelled', 'Reading was cancelled.')
    return filesWithRows(range.files, firstRow, lastRow).map((planned) => {
      const file: ScanFile = { ...planned, constants: decodeConstants(planned) }
      plannedByScanFile.set(file, planned)
      return file
    })
  }
  const reader = createRowReader({
    fields,
    nameMapping,
    codecs,
    files: { rowCount, filesForRows },
    open: (file) => {
      const plannedFile = plannedByScanFile.get(file)
      if (!plannedFile) throw new Error(`${file.path} is not part of this scan`)
      return open(plannedFile, token)
    },
  })
  return { reader, ranges }
}

/** All requested rows; if one of several files cannot be read, the rows of the others. */
async function readAroundFailures(
  reader: RowReader,
  { firstRow, lastRow, fieldIds }: { firstRow: number; lastRow: number; fieldIds: readonly number[] },
  signal: AbortSignal,
): Promise<{ batches: RowBatch[]; failed: FailedRows[] }> {
  try {
    return { batches: [await reader.readRows({ firstRow, lastRow, fieldIds, signal })], failed: [] }
  } catch (error) {
    if (!(error instanceof AppError) || WHOLE_REQUEST_CODES.has(error.code)) throw error
    const first = await reader.findFile(firstRow)
    const end = first ? first.file.firstRowIndex + first.file.recordCount : lastRow
    if (end >= lastRow) return { batches: [], failed: [{ firstRow, lastRow, error: serializeError(error) }] }
    const head = await readAroundFailures(reader, { firstRow, lastRow: end, fieldIds }, signal)
    const rest = await readAroundFailures(reader, { firstRow: end, lastRow, fieldIds }, signal)
    return { batches: [...head.batches, ...rest.batches], failed: [...head.failed, ...rest.failed] }
  }
}

function openRemote({ index, path, fileSizeBytes }: PlannedFile, token: string): ByteSource {
  return createRemoteSource({ url: fileBytesUrl(token, index), name: path, byteLength: fileSizeBytes })
}

function serializeError(error: unknown): SerializedError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, facts: error.facts, requestId: error.requestId }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, facts: {}, requestId: null }
}
