import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { PreviewOptions } from '@/testing/ingest/test-staging'

/** A text file that is wrong or unusual, with the columns of the table that it is loaded into. */
export type OddText = {
  name: string
  format: 'csv' | 'ndjson' | 'json'
  input: string | Uint8Array
  fields: readonly NestedField[]
  options?: Pick<PreviewOptions, 'csv' | 'mapping' | 'ignoreExtra' | 'rules' | 'spec' | 'limits'>
}

export const TWO: readonly NestedField[] = optionalColumns({ a: 'int', b: 'string' })

/** Columns with these types, which may be null. */
export function optionalColumns(types: Readonly<Record<string, Type>>): NestedField[] {
  return Object.entries(types).map(([name, type], i) => ({ id: i + 1, name, required: false, type }))
}

/** The parts of a file, as UTF-8 where they are texts. */
export function joinParts(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
}
