import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadRowsOptions, RowReader } from '@/lib/scan/read-rows'
import type { RowValue } from '@/lib/scan/read/row-value'

/** A reader of rows that are given, with a value per field. For tests. */
export function createRowsInMemory(
  fields: readonly NestedField[],
  rows: readonly (readonly (RowValue | null)[])[],
): RowReader {
  const readRows = ({ firstRow, lastRow, fieldIds }: ReadRowsOptions) => {
    const read = rows.slice(firstRow, lastRow)
    const columns = new Map(
      fieldIds.map((id) => [id, read.map((row) => row[fields.findIndex((field) => field.id === id)] ?? null)]),
    )
    const positions = Float64Array.from(read, (_, i) => firstRow + i)
    return Promise.resolve({ firstRow, lastRow: firstRow + read.length, columns, positions })
  }
  return {
    rowCount: rows.length,
    readRows,
    readShownRows: readRows,
    findFile: () => Promise.resolve(null),
    countDeleted: () => Promise.resolve([]),
    cost: () => ({ bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] }),
  }
}
