import type { ExportFormat } from '@/components/table/rows/export/export-formats'
import { type PageRows, type SaveOptions, saveRows } from '@/lib/client/rows/export/save-rows'
import { AppError } from '@/lib/errors'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { RowValue } from '@/lib/scan/read/row-values'

export type ExportSource = {
  fields: readonly NestedField[]
  rowCount: number
  value: (row: number, column: number) => RowValue | null
}

/**
 * The rows of a result. Columns of one name get a number, and files no field ids, which a result does not have. Reading them throws not-supported for a value that the format
 * does not have.
 */
export function toPageRows({ fields, rowCount, value }: ExportSource, format: RowFormat): PageRows {
  const distinct = distinguishNames(fields)
  const isTyped = TYPED_FORMATS.includes(format)
  const readColumns = (firstRow: number, lastRow: number) =>
    new Map(
      distinct.map((field, column) => {
        const values = Array.from({ length: lastRow - firstRow }, (_, i) => value(firstRow + i, column))
        if (isTyped) for (const each of values) requireFinite(field, each)
        return [field.id, values] as const
      }),
    )
  return { fields: distinct, rowCount, hasFieldIds: false, readColumns }
}

/** Formats that store dates and times as numbers and so cannot hold infinity. */
const TYPED_FORMATS: readonly RowFormat[] = ['parquet', 'arrow']

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

/** Saves the rows of a result as a file. Throws as {@link toPageRows} and {@link saveRows}. */
export function saveResult(
  { format, mediaType }: ExportFormat,
  source: ExportSource,
  options: SaveOptions,
): ReturnType<typeof saveRows> {
  return saveRows(toPageRows(source, format), { name: `query-result.${format}`, format, mediaType }, options)
}
