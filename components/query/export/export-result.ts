import type { ExportProgress } from '@/lib/client/rows/export/export-rows'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { createRowEncoder } from '@/lib/scan/output/create-row-encoder'
import { encodeRows } from '@/lib/scan/output/encode-rows'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { RowValue } from '@/lib/scan/read/row-values'

/** The file is in the page's own memory until the browser has saved it. */
const MAX_EXPORT_BYTES = 1024 * 1024 * 1024

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet', 'arrow'] as const satisfies readonly RowFormat[]
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const FILES: Readonly<Record<ExportFormat, { name: string; type: string }>> = {
  csv: { name: 'query-result.csv', type: 'text/csv;charset=utf-8' },
  ndjson: { name: 'query-result.jsonl', type: 'application/x-ndjson' },
  parquet: { name: 'query-result.parquet', type: 'application/vnd.apache.parquet' },
  arrow: { name: 'query-result.arrows', type: 'application/vnd.apache.arrow.stream' },
}

export type ExportSource = {
  fields: readonly NestedField[]
  rowCount: number
  value: (row: number, column: number) => RowValue | null
}

type ExportOptions = { signal: AbortSignal; onProgress: (progress: ExportProgress) => void }

/**
 * All rows of a result as a file, with exact values. The page stays usable meanwhile. Columns of one name get a number.
 *
 * @throws {AppError} too-large; file-damaged for a text that is not UTF-8; not-supported for a value that the format does
 *   not have; the reason of `signal`
 */
export async function encodeResult(
  format: ExportFormat,
  { fields, rowCount, value }: ExportSource,
  { signal, onProgress }: Partial<ExportOptions> = {},
): Promise<Blob> {
  const distinct = distinguishNames(fields)
  const isTyped = TYPED_FORMATS.includes(format)
  const encoder = await createRowEncoder(format, distinct, { isFormulaSafe: true })
  const readRows = async ({ firstRow, lastRow }: { firstRow: number; lastRow: number }) => {
    const columns = distinct.map((field, column) => {
      const values = Array.from({ length: lastRow - firstRow }, (_, i) => value(firstRow + i, column))
      if (isTyped) for (const each of values) requireFinite(field, each)
      return [field.id, values] as const
    })
    return { firstRow, lastRow, columns: new Map(columns), positions: new Float64Array(lastRow - firstRow) }
  }
  const pieces: BlobPart[] = []
  const progress = { rowCount: 0, sizeBytes: 0 }
  const fieldIds = distinct.map(({ id }) => id)
  for await (const { bytes, rowCount: rows } of encodeRows({ readRows, fieldIds, encoder, limit: rowCount })) {
    progress.rowCount += rows
    progress.sizeBytes += bytes.length
    if (progress.sizeBytes > MAX_EXPORT_BYTES)
      throw new AppError('too-large', `The file would be larger than ${formatBytes(MAX_EXPORT_BYTES)}.`, {
        facts: { hint: 'Select fewer rows or columns' },
      })
    pieces.push(new Uint8Array(bytes))
    onProgress?.({ ...progress })
    // Between two pieces the page draws and reacts.
    await new Promise((resolve) => setTimeout(resolve))
    signal?.throwIfAborted()
  }
  return new Blob(pieces, { type: FILES[format].type })
}

/** Formats whose dates and times are numbers, which have none for infinity. */
const TYPED_FORMATS: readonly ExportFormat[] = ['parquet', 'arrow']

/** @throws {AppError} not-supported */
function requireFinite({ name, type }: NestedField, value: RowValue | null): void {
  if (!hasInfiniteTime(type, value)) return
  throw new AppError('not-supported', `Column ${name} has the value infinity, which this format cannot write.`, {
    facts: { column: name, hint: 'Choose CSV or JSON, or leave these rows out' },
  })
}

/** In results, an infinite date or time is a word. */
function hasInfiniteTime(type: Type, value: RowValue | null): boolean {
  if (typeof type === 'string') return typeof value === 'string' && /^(date|timestamp)/.test(type)
  if (!Array.isArray(value)) return false
  const parts: readonly (RowValue | null)[] = value
  if (type.type === 'struct') return type.fields.some((field, i) => hasInfiniteTime(field.type, parts[i] ?? null))
  if (type.type === 'list') return parts.some((part) => hasInfiniteTime(type.element, part))
  return parts.some(
    (entry) =>
      Array.isArray(entry) &&
      (hasInfiniteTime(type.key, entry[0] ?? null) || hasInfiniteTime(type.value, entry[1] ?? null)),
  )
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
export async function saveResult(
  format: ExportFormat,
  source: ExportSource,
  options: ExportOptions,
): Promise<{ fileName: string; progress: ExportProgress }> {
  const file = await encodeResult(format, source, options)
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = FILES[format].name
  link.click()
  URL.revokeObjectURL(url)
  return { fileName: FILES[format].name, progress: { rowCount: source.rowCount, sizeBytes: file.size } }
}
