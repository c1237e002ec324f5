import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRowEncoder } from '@/lib/scan/output/create-row-encoder'
import { encodeRows } from '@/lib/scan/output/encode-rows'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { RowValue } from '@/lib/scan/read/row-values'

/** The file is in the page's own memory until the browser has saved it. */
const MAX_EXPORT_BYTES = 1024 * 1024 * 1024

export const EXPORT_FORMATS = ['csv', 'ndjson', 'arrow'] as const satisfies readonly RowFormat[]
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const FILES: Readonly<Record<ExportFormat, { name: string; type: string }>> = {
  csv: { name: 'query-result.csv', type: 'text/csv;charset=utf-8' },
  ndjson: { name: 'query-result.jsonl', type: 'application/x-ndjson' },
  arrow: { name: 'query-result.arrows', type: 'application/vnd.apache.arrow.stream' },
}

export type ExportSource = {
  fields: readonly NestedField[]
  rowCount: number
  value: (row: number, column: number) => RowValue | null
}

/**
 * All rows of a result as a file, with exact values. The page stays usable meanwhile. Columns of one name get a number.
 *
 * @throws {AppError} too-large; file-damaged for a text that is not UTF-8
 */
export async function encodeResult(format: ExportFormat, { fields, rowCount, value }: ExportSource): Promise<Blob> {
  const distinct = distinguishNames(fields)
  const encoder = await createRowEncoder(format, distinct, { isFormulaSafe: true })
  const readRows = async ({ firstRow, lastRow }: { firstRow: number; lastRow: number }) => {
    const columns = distinct.map(
      ({ id }, column) =>
        [id, Array.from({ length: lastRow - firstRow }, (_, i) => value(firstRow + i, column))] as const,
    )
    return { firstRow, lastRow, columns: new Map(columns), positions: new Float64Array(lastRow - firstRow) }
  }
  const pieces: BlobPart[] = []
  let byteCount = 0
  const fieldIds = distinct.map(({ id }) => id)
  for await (const { bytes } of encodeRows({ readRows, fieldIds, encoder, limit: rowCount })) {
    byteCount += bytes.length
    if (byteCount > MAX_EXPORT_BYTES)
      throw new AppError('too-large', `The file would be larger than ${formatBytes(MAX_EXPORT_BYTES)}.`, {
        facts: { hint: 'Select fewer rows or columns' },
      })
    pieces.push(new Uint8Array(bytes))
    // Between two pieces the page draws and reacts.
    await new Promise((resolve) => setTimeout(resolve))
  }
  return new Blob(pieces, { type: FILES[format].type })
}

/** In order; a name that an earlier column has gets a number, so that a JSON object keeps every value. */
function distinguishNames(fields: readonly NestedField[]): readonly NestedField[] {
  const taken = new Set(fields.map(({ name }) => name))
  const used = new Set<string>()
  return fields.map((field) => {
    let { name } = field
    for (let number = 2; used.has(name); number++) {
      const numbered = `${field.name}_${number}`
      if (!taken.has(numbered)) name = numbered
    }
    used.add(name)
    return { ...field, name }
  })
}

/** Saves the rows of a result as a file. @throws as {@link encodeResult} */
export async function saveResult(format: ExportFormat, source: ExportSource): Promise<void> {
  const url = URL.createObjectURL(await encodeResult(format, source))
  const link = document.createElement('a')
  link.href = url
  link.download = FILES[format].name
  link.click()
  URL.revokeObjectURL(url)
}
