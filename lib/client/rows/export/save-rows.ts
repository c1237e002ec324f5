import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRowEncoder } from '@/lib/scan/output/create-row-encoder'
import { encodeRows } from '@/lib/scan/output/encode-rows'
import type { RowColumns, RowFormat } from '@/lib/scan/output/row-encoder'
import type { ExportProgress } from './export-rows'
import { type ExportFile, saveBlob } from './export-sink'

/** The file is in the page's own memory until the browser has saved it. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024

/** Rows that a page has, or that a worker hands to it. */
export type PageRows = {
  fields: readonly NestedField[]
  rowCount: number
  /** False when the ids only tell the columns apart, as in the result of a query: a file does not get them. */
  hasFieldIds?: boolean
  /** By field id. */
  readColumns: (firstRow: number, lastRow: number) => RowColumns | Promise<RowColumns>
}

export type SaveOptions = { signal: AbortSignal; onProgress: (progress: ExportProgress) => void }

/** Throws as {@link encodeFile}. */
export async function saveRows(
  rows: PageRows,
  file: ExportFile & { format: RowFormat },
  options: SaveOptions,
): Promise<{ fileName: string; progress: ExportProgress }> {
  const blob = await encodeFile(rows, file, options)
  saveBlob(blob, file.name)
  return { fileName: file.name, progress: { rowCount: rows.rowCount, sizeBytes: blob.size } }
}

/**
 * Rows of a page as a file, with exact values. The page stays usable meanwhile.
 *
 * @throws {AppError} too-large; file-damaged for a text that is not UTF-8; as `readColumns`; the reason of `signal`
 */
export async function encodeFile(
  { fields, rowCount: limit, hasFieldIds = true, readColumns }: PageRows,
  { format, mediaType }: Pick<ExportFile, 'mediaType'> & { format: RowFormat },
  { signal, onProgress }: Partial<SaveOptions> = {},
): Promise<Blob> {
  const encoder = await createRowEncoder(format, fields, { isFormulaSafe: true, hasFieldIds })
  const pieces: BlobPart[] = []
  const progress = { rowCount: 0, sizeBytes: 0 }
  const readRows = async ({ firstRow, lastRow }: { firstRow: number; lastRow: number }) => ({
    firstRow,
    lastRow,
    columns: await readColumns(firstRow, lastRow),
    positions: new Float64Array(lastRow - firstRow),
  })
  const fieldIds = fields.map(({ id }) => id)
  for await (const { bytes, rowCount } of encodeRows({ readRows, fieldIds, encoder, limit })) {
    progress.rowCount += rowCount
    progress.sizeBytes += bytes.length
    if (progress.sizeBytes > MAX_FILE_BYTES)
      throw new AppError('too-large', `The file would be larger than ${formatBytes(MAX_FILE_BYTES)}.`, {
        facts: { hint: 'Select fewer rows or columns' },
      })
    pieces.push(new Uint8Array(bytes))
    onProgress?.({ ...progress })
    // Between two pieces the page draws and reacts.
    await new Promise((resolve) => setTimeout(resolve))
    signal?.throwIfAborted()
  }
  return new Blob(pieces, { type: mediaType })
}
