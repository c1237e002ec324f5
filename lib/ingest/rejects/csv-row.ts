import { formatQuantity } from '@/lib/format/count'
import type { CsvField } from '../csv-records'

/** A record of a CSV file behind its header. */
type CsvRow = { fields: readonly CsvField[] } | { malformed: string }

/**
 * The fields of a record of CSV, or the reason for which a load rejects it as a whole, whatever columns the table has.
 *
 * @param header the number of fields of the first record, and whether this is a header
 */
export function readCsvRow(
  record: CsvRow,
  { fieldCount, hasHeader }: { fieldCount: number; hasHeader: boolean },
): { fields: readonly CsvField[] } | { reason: string } {
  if ('malformed' in record) return { reason: record.malformed }
  const { fields } = record
  if (fields.length === fieldCount) return { fields }
  const found = formatQuantity(fields.length, 'field')
  return { reason: `has ${found} but the ${hasHeader ? 'header' : 'first row'} has ${fieldCount}` }
}
