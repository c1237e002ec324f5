import {
  applyTransform,
  canTransform,
  formatTransformedValue,
  parseTransform,
} from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { type CsvOptions, CSV_DEFAULTS } from '../csv-options'
import { createFieldReader } from '../field-reader'
import { misfitReason } from '../text-value'
import { locateLiteral } from '@/lib/scan/predicate/literal'

/** A row of a text file: the text of each of its fields, as the file has it; null is null. */
export type TextRow = (path: readonly string[]) => string | null

/** A partition field, with the column that it is made of. */
export type SampledField = { path: readonly string[]; type: PrimitiveType; transform: string }

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
  const readers = fields.map((field) => createPartitionReader(field, csv))
  if (!readers.every((reader) => reader !== null)) return []
  const counts = new Map<string, number>()
  for (const row of rows) {
    const labels = readers.map((read) => read(row))
    if (!labels.every((label) => label !== null)) continue
    const label = labels.join(', ')
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  return Array.from(counts, ([label, rowCount]) => ({ label, rowCount })).toSorted((a, b) =>
    a.label < b.label ? -1 : 1,
  )
}

/** The partition value of a row as people read it; null for a row that is rejected. */
function createPartitionReader({ path, type, transform: text }: SampledField, csv: CsvOptions) {
  const transform = parseTransform(text)
  if (!canTransform(transform, type)) return null
  const readField = createFieldReader(type, csv)
  const toLabel = (value: Value | null) =>
    formatTransformedValue(transform, type, applyTransform(transform, type, value))
  // Rows of a file often have the same values, and always the same few partitions.
  const labels = new Map<string, string | null>()
  return (row: TextRow): string | null => {
    const field = row(path)
    if (field === null) return toLabel(null)
    let label = labels.get(field)
    if (label === undefined) {
      const value = readValue(readField === null ? field : readField(field), type)
      labels.set(field, (label = value === null ? null : toLabel(value)))
    }
    return label
  }
}

function readValue(canonical: unknown, type: PrimitiveType): Value | null {
  if (typeof canonical !== 'string' || misfitReason(type, canonical) !== null) return null
  if (type === 'boolean') return canonical.toLowerCase() === 'true'
  const located = locateLiteral(
    type,
    type === 'float' || type === 'double' ? Number(canonical) : plainNumber(canonical),
  )
  return located.kind === 'value' ? located.value : null
}

/** Numbers of files may begin with a point or end with one. */
function plainNumber(text: string): string {
  return /^[+-]?\d*[.]\d*$/.test(text) ? text.replace(/[.]$/, '').replace(/^([+-]?)[.]/, '$10.') : text
}
