import type { PlannedFile } from '@/lib/contract/scan'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import { createRowReader, type RowBatch, type RowReader, type ScanFile } from '@/lib/scan/read-rows'
import { createRemoteSource } from '../duckdb/remote-file'
import { fileBytesUrl } from '../call/file-bytes-url'
import { decodeConstants } from '../planned-constants'
import type { FailedRows, ReadPlan, RowsReply, RowsRequest, SerializedError } from './row-messages'

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
  codecs: PageCodecs
  /** Opens the bytes of a planned file; by default over HTTP. */
  open?: (file: PlannedFile) => ByteSource
}

/** The worker's side of reading rows: caches the readers of opened scans, and serves requests one by one. */
export function createRowServer(
  reply: (message: RowsReply) => void,
  { codecs, open = openRemote }: RowServerOptions,
): (request: RowsRequest) => void {
  const readers = new Map<number, RowReader>()
  const running = new Map<number, AbortController>()

  const answerRequest = async (request: RowsRequest & { kind: 'rows' }): Promise<void> => {
    const reader = readers.get(request.scan)
    if (!reader) return
    const controller = new AbortController()
    running.set(request.id, controller)
    const startedAt = performance.now()
    try {
      const { batches, failed } = await readAroundFailures(reader, request, controller.signal)
      const elapsedMs = performance.now() - startedAt
      reply({ kind: 'rows', id: request.id, batches, failed, cost: reader.cost(), elapsedMs })
    } catch (error) {
      reply({ kind: 'failed', id: request.id, error: serializeError(error) })
    } finally {
      running.delete(request.id)
    }
  }

  return (request) => {
    switch (request.kind) {
      case 'open':
        readers.set(request.scan, createReader(request.plan, { codecs, open }))
        break
      case 'rows':
        void answerRequest(request)
        break
      case 'cancel':
        running.get(request.id)?.abort()
        break
      case 'close':
        readers.delete(request.scan)
        break
      case 'ping':
        reply({ kind: 'pong' })
        break
    }
  }
}

function createReader(
  { fields, files, nameMapping }: ReadPlan,
  { codecs, open }: Required<RowServerOptions>,
): RowReader {
  const plannedByScanFile = new Map<ScanFile, PlannedFile>()
  for (const file of files) plannedByScanFile.set({ ...file, constants: decodeConstants(file) }, file)
  return createRowReader({
    fields,
    nameMapping,
    codecs,
    files: [...plannedByScanFile.keys()],
    open: (file) => {
      const plannedFile = plannedByScanFile.get(file)
      if (!plannedFile) throw new Error(`${file.path} is not part of this scan`)
      return open(plannedFile)
    },
  })
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
    const first = reader.findFile(firstRow)
    const end = first ? first.file.firstRowIndex + first.file.recordCount : lastRow
    if (end >= lastRow) return { batches: [], failed: [{ firstRow, lastRow, error: serializeError(error) }] }
    const head = await readAroundFailures(reader, { firstRow, lastRow: end, fieldIds }, signal)
    const rest = await readAroundFailures(reader, { firstRow: end, lastRow, fieldIds }, signal)
    return { batches: [...head.batches, ...rest.batches], failed: [...head.failed, ...rest.failed] }
  }
}

function openRemote({ token, path, fileSizeBytes }: PlannedFile): ByteSource {
  return createRemoteSource({ url: fileBytesUrl(token), name: path, byteLength: fileSizeBytes })
}

function serializeError(error: unknown): SerializedError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, facts: error.facts, requestId: error.requestId }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, facts: {}, requestId: null }
}
