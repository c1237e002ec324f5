import { type CsvCell, toCsvLines } from '@/lib/format/csv'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { CellValue } from '@/lib/scan/compare/change-summary'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { valueJson, valueText } from '@/lib/scan/value-text'
import { columnName } from './column-name'

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const NUMBER_KINDS: ReadonlySet<string> = new Set(['int', 'long', 'float', 'double', 'decimal'])

/** A comparison as text: a line per row with the values of both sides. */
export class ComparisonFile {
  readonly #format: ExportFormat
  readonly #columns: readonly ShownColumn[]
  readonly #parts: string[] = []

  constructor(format: ExportFormat, columns: readonly ShownColumn[]) {
    this.#format = format
    this.#columns = columns
    if (format === 'csv') this.#parts.push(toCsvLines([this.#header()]))
  }

  add(rows: ChangedRows): void {
    if (this.#format === 'csv') this.#parts.push(toCsvLines(rows.kinds.map((_, row) => this.#csvRow(rows, row))))
    else this.#parts.push(rows.kinds.map((_, row) => `${this.#jsonRow(rows, row)}\n`).join(''))
  }

  finish(): Blob {
    const type = this.#format === 'csv' ? 'text/csv' : 'application/x-ndjson'
    return new Blob(this.#parts, { type: `${type};charset=utf-8` })
  }

  #header(): string[] {
    return [
      'change',
      ...this.#columns.flatMap((column) => [`${columnName(column)} before`, `${columnName(column)} after`]),
    ]
  }

  #csvRow({ kinds, before, after }: ChangedRows, row: number): CsvCell[] {
    const cells = this.#columns.flatMap((column) =>
      [before, after].map((side) => toCsvCell(column, side.get(column.key)?.[row])),
    )
    return [kinds[row] ?? null, ...cells]
  }

  #jsonRow({ kinds, before, after }: ChangedRows, row: number): string {
    const side = (values: ChangedRows['before'], otherSide: ShownColumn['side']) =>
      `{${this.#columns
        .filter(({ side: own }) => own !== otherSide)
        .map((column) => {
          const value = values.get(column.key)?.[row] ?? null
          return `${JSON.stringify(columnName(column))}: ${valueJson(column.type, value, 'UTC')}`
        })
        .join(', ')}}`
    const kind = kinds[row] ?? 'changed'
    return `{"change": ${JSON.stringify(kind)}, "before": ${kind === 'in' ? 'null' : side(before, 'after')}, "after": ${kind === 'out' ? 'null' : side(after, 'before')}}`
  }
}

function toCsvCell({ type }: ShownColumn, value: CellValue): CsvCell {
  if (value === null || value === undefined) return null
  if (typeof type !== 'string' || (typeof value === 'object' && !(value instanceof Uint8Array))) {
    return valueJson(type, value, 'UTC')
  }
  const text = valueText(type, value, 'UTC')
  return NUMBER_KINDS.has(parsePrimitive(type).kind) ? { exactNumber: text } : text
}
