import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { encodeScan } from '@/lib/scan/output/encode-scan'
import type { ScanFile } from '@/lib/scan/scan-files'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { deleteBytesUrl, fileBytesUrl } from '@/lib/api/file-bytes-url'
import { createRemoteSource } from '@/lib/api/remote-file'
import { type ListedFile, toListedFiles } from '@/lib/api/listed-files'
import { decodeConstants } from '@/lib/api/planned-constants'
import { FilePages, type ListFiles } from '../file-pages'
import { serializeError } from '../serialized-error'
import type { ExportJob, ExportReply, ExportRequest } from './export-messages'

const PAGE_FILES = 200

type ExportOptions = {
  codecs: DataFileCodecs
  /** By default from the server. */
  listFiles?: ListFiles
}

/**
 * The worker's side of an export: reads and encodes rows as they are pulled. To cancel it, the worker is ended.
 *
 * @returns the handler of the page's messages
 */
export function createExportServer(
  reply: (message: ExportReply, transfer: Transferable[]) => void,
  options: ExportOptions,
): (request: ExportRequest) => void {
  let pieces: ReturnType<typeof encodeScan> | null = null

  const sendPiece = async (): Promise<void> => {
    try {
      const next = await pieces?.next()
      const piece = next && next.done !== true ? next.value : null
      reply({ kind: 'piece', piece }, piece ? [piece.bytes.buffer] : [])
    } catch (error) {
      reply({ kind: 'failed', error: serializeError(error) }, [])
    }
  }
  return (request) => {
    if (request.kind === 'start') pieces = readPieces(request.job, options)
    else void sendPiece()
  }
}

type ExportedFile = ScanFile & { index: number }

function toExportedFile(file: ListedFile): ExportedFile {
  return { ...file, constants: decodeConstants(file) }
}

/** The files of a plan with a filter, which the plan begins. */
async function* listMatches(plan: SignedScanPlan): AsyncGenerator<ExportedFile, void> {
  yield* toListedFiles(plan, plan).map(toExportedFile)
  let next = plan.filtered?.nextFile ?? null
  while (next !== null) {
    const page = await callEndpoint('listPlannedFiles', { token: plan.token, fromFile: next, limit: PAGE_FILES })
    yield* toListedFiles(page, plan).map(toExportedFile)
    next = page.nextFile
  }
}

function readPieces({ plan, ...output }: ExportJob, { codecs, listFiles }: ExportOptions) {
  const { token, nameMapping, rowCount } = plan
  const pages = new FilePages(plan, listFiles)
  const files = {
    rowCount,
    filesForRows: async (firstRow: number, lastRow: number): Promise<ExportedFile[]> => {
      const listed = await pages.filesForRows(firstRow, lastRow)
      return listed.map(toExportedFile)
    },
  }
  // A spreadsheet may open the file, so its texts are marked where they would run as formulas.
  const scan = { ...output, nameMapping, limit: Number.POSITIVE_INFINITY, isFormulaSafe: true }
  return encodeScan<ExportedFile>(scan, {
    files,
    listFiles: () => listMatches(plan),
    codecs,
    open: ({ index, path, fileSizeBytes }) =>
      createRemoteSource({ url: fileBytesUrl(token, index), name: path, byteLength: fileSizeBytes }),
    openDelete: ({ index, path, fileSizeBytes }) =>
      createRemoteSource({ url: deleteBytesUrl(token, index), name: path, byteLength: fileSizeBytes }),
  })
}
