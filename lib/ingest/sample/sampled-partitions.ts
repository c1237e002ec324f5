import {
  applyTransform,
  canTransform,
  formatTransformedValue,
  parseTransform,
} from '@/lib/iceberg/partitioning/transform'
import { type CsvOptions, CSV_DEFAULTS } from '../csv-options'
import { createValueReader, type SampledField, type TextRow } from './sampled-values'

export type SampledPartition = { label: string; rowCount: number }

/**
 * How rows would be divided by a partition spec, as a load would divide them. Rows with a value that its column cannot
 * hold are left out: a load rejects them.
 *
 * @param csv how values of a CSV file are written
 * @returns in the order of their labels; without fields one partition. Empty for a transform that does not suit its column
 */
export function samplePartitions(
  rows: readonly TextRow[],
  fields: readonly SampledField[],
  csv: CsvOptions = CSV_DEFAULTS,
): SampledPartition[] {
  const divided = divideRows(rows, fields, csv)
  return Array.from(divided ?? [], ([label, { length }]) => ({ label, rowCount: length })).toSorted((a, b) =>
    a.label < b.label ? -1 : 1,
  )
}

/**
 * The rows of each partition, in their order, by its label.
 *
 * @returns null for a transform that does not suit its column
 */
export function divideRows(
  rows: readonly TextRow[],
  fields: readonly SampledField[],
  csv: CsvOptions,
): Map<string, TextRow[]> | null {
  const readers = fields.map((field) => createLabelReader(field, csv))
  if (!readers.every((reader) => reader !== null)) return null
  const divided = new Map<string, TextRow[]>()
  for (const row of rows) {
    const labels = readers.map((read) => read(row))
    if (!labels.every((label) => label !== null)) continue
    const label = labels.join(', ')
    const rowsOf = divided.get(label)
    if (rowsOf) rowsOf.push(row)
    else divided.set(label, [row])
  }
  return divided
}

/** The partition value of a row as people read it; null for a row that is rejected. */
function createLabelReader({ path, type, transform: text }: SampledField, csv: CsvOptions) {
  const transform = parseTransform(text)
  if (!canTransform(transform, type)) return null
  const readValue = createValueReader({ path, type }, csv)
  return (row: TextRow): string | null => {
    const value = readValue(row)
    return value === undefined ? null : formatTransformedValue(transform, type, applyTransform(transform, type, value))
  }
}
