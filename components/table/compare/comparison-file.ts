import type { ExportFormat } from '@/components/table/rows/export/export-formats'
import { type PageRows, type SaveOptions, saveRows } from '@/lib/client/rows/export/save-rows'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { requireReadable } from '@/lib/scan/read/unreadable-cell'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { RowValue } from '@/lib/scan/read/row-value'
import { columnName } from './column-name'

export type ComparedRows = {
  columns: readonly ShownColumn[]
  rowCount: number
  read: (range: { from: number; to: number }) => Promise<ChangedRows>
}

/** Saves a comparison as a file. Throws as {@link saveRows}. */
export function saveComparison(
  name: string,
  { format, mediaType }: ExportFormat,
  rows: ComparedRows,
  options: SaveOptions,
): ReturnType<typeof saveRows> {
  const file = { name: `${name} comparison.${format}`, format, mediaType }
  return saveRows(toPageRows(rows, format), file, options)
}

/**
 * One line per row with the values of both sides: two fields per column in CSV, two objects in JSON, one of them null
 * for a row that exists on one side only.
 */
export function toPageRows(rows: ComparedRows, format: RowFormat): PageRows {
  return format === 'csv' ? inFields(rows) : inObjects(rows)
}

type Output = { name: string; type: Type; values: (rows: ChangedRows) => readonly (RowValue | null)[] }

function inFields({ columns, ...rows }: ComparedRows): PageRows {
  const outputs = columns.flatMap((column): Output[] =>
    (['before', 'after'] as const).map((side) => ({
      name: `${columnName(column)} ${side}`,
      type: column.type,
      values: ({ kinds, [side]: values }) => kinds.map((_, row) => valueIn(values, column.key, row)),
    })),
  )
  return withKinds(outputs, rows)
}

function inObjects({ columns, ...rows }: ComparedRows): PageRows {
  const toObject = (side: 'before' | 'after', absentFrom: ChangedRows['kinds'][number]): Output => {
    const own = columns.filter((column) => column.side === 'both' || column.side === side)
    const fields = own.map((column, id) => toField(id, columnName(column), column.type))
    return {
      name: side,
      type: { type: 'struct', fields },
      values: ({ kinds, [side]: values }) =>
        kinds.map((kind, row) => (kind === absentFrom ? null : own.map(({ key }) => valueIn(values, key, row)))),
    }
  }
  return withKinds([toObject('before', 'in'), toObject('after', 'out')], rows)
}

/** A file has no place for the reason why a value cannot be read. @throws {AppError} file-damaged, not-supported */
function valueIn(values: ChangedRows['before'], key: string, row: number): RowValue | null {
  return requireReadable(values.get(key)?.[row] ?? null)
}

/** With the kind of each row first. */
function withKinds(outputs: readonly Output[], { rowCount, read }: Omit<ComparedRows, 'columns'>): PageRows {
  const all: readonly Output[] = [{ name: 'change', type: 'string', values: ({ kinds }) => kinds }, ...outputs]
  return {
    fields: all.map(({ name, type }, id) => toField(id, name, type)),
    rowCount,
    readColumns: async (from, to) => {
      const rows = await read({ from, to })
      return new Map(all.map(({ values }, id) => [id, values(rows)]))
    },
  }
}

function toField(id: number, name: string, type: Type): NestedField {
  return { id, name, required: false, type }
}
