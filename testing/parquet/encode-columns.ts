import type { NestedField } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import type { RowValue } from '@/lib/scan/read/row-value'

/** A Parquet file of these columns, with their field ids, and the values exactly as they are. */
export function encodeColumns(
  columns: readonly { field: NestedField; values: readonly (RowValue | null)[] }[],
): Uint8Array {
  const encoder = createParquetEncoder(columns.map(({ field }) => field))
  const byField = new Map(columns.map(({ field, values }) => [field.id, values]))
  const parts = [encoder.start(), encoder.encode(byField, columns[0]?.values.length ?? 0), encoder.end()]
  return Uint8Array.from(Buffer.concat(parts))
}
