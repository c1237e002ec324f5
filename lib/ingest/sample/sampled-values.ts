import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { locateLiteral } from '@/lib/scan/predicate/literal'
import type { CsvOptions } from '../csv-options'
import { createFieldReader } from '../field-reader'
import { misfitReason } from '../text-value'

/** A row of a text file: the text of each of its fields, as the file has it; null is null. */
export type TextRow = (path: readonly string[]) => string | null

/** A field of a partition spec or of a sort order, with the column that it is made of. */
export type SampledField = { path: readonly string[]; type: PrimitiveType; transform: string }

/**
 * Reads the value of a column from rows; undefined is one that its type cannot hold, for which a load rejects the row.
 *
 * @param csv how values of a CSV file are written
 */
export function createValueReader(
  { path, type }: Pick<SampledField, 'path' | 'type'>,
  csv: CsvOptions,
): (row: TextRow) => Value | null | undefined {
  const readField = createFieldReader(type, csv)
  // Rows of a file often have the same values.
  const values = new Map<string, Value | undefined>()
  return (row) => {
    const field = row(path)
    if (field === null) return null
    if (!values.has(field)) values.set(field, readValue(readField === null ? field : readField(field), type))
    return values.get(field)
  }
}

function readValue(canonical: unknown, type: PrimitiveType): Value | undefined {
  if (typeof canonical !== 'string' || misfitReason(type, canonical) !== null) return undefined
  if (type === 'boolean') return canonical.toLowerCase() === 'true'
  const located = locateLiteral(
    type,
    type === 'float' || type === 'double' ? Number(canonical) : plainNumber(canonical),
  )
  return located.kind === 'value' ? located.value : undefined
}

/** Numbers of files may begin with a point or end with one. */
function plainNumber(text: string): string {
  return /^[+-]?\d*[.]\d*$/.test(text) ? text.replace(/[.]$/, '').replace(/^([+-]?)[.]/, '$10.') : text
}
