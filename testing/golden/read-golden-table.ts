import type { NestedField } from '@/lib/iceberg/schema/types'
import type { GoldenRead, GoldenRows, GoldenTable, GoldenValue } from './golden-tables'
import { normalizeGoldenValue, sortGolden, toGoldenValue } from './golden-value'
import { createGoldenReader, openGoldenScan } from './open-golden-scan'

/** The columns of row lineage (spec, *Row Lineage*). */
const LINEAGE: readonly NestedField[] = [
  { id: 2_147_483_540, name: '_row_id', required: false, type: 'long' },
  { id: 2_147_483_539, name: '_last_updated_sequence_number', required: false, type: 'long' },
]

export type ReadResult = { rows: GoldenRows; recorded: GoldenRows }

/**
 * Reads a golden table with the product's reader.
 *
 * @param read the recorded rows
 * @returns the rows of the product and the recorded ones, in the same form and order
 */
export async function readGoldenTable(
  table: GoldenTable,
  read: GoldenRead,
  { withLineage = false } = {},
): Promise<ReadResult> {
  const scan = await openGoldenScan(table, read)
  const fields = [...scan.schema.fields, ...(withLineage ? LINEAGE : [])]
  const reader = createGoldenReader(scan, scan.schema.fields)
  const fieldIds = fields.map(({ id }) => id)
  // The row count is exact once all rows were read.
  const { columns, lastRow } = await reader.readRows({ firstRow: 0, lastRow: reader.rowCount, fieldIds })
  const rows = Array.from({ length: lastRow }, (_, row) =>
    fields.map(({ id, type }) => toGoldenValue(type, columns.get(id)?.[row] ?? null)),
  )
  const expected = (withLineage ? read.lineage : read) ?? { columns: [], rows: [] }
  return {
    rows: { columns: fields.map(({ name }) => name), rows: sortGolden(rows) },
    recorded: { columns: expected.columns, rows: sortGolden(expected.rows.map((row) => normalizeRow(fields, row))) },
  }
}

function normalizeRow(fields: readonly NestedField[], row: readonly GoldenValue[]): GoldenValue[] {
  return fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null))
}
