import { childFields } from '@/lib/iceberg/schema/child-fields'
import { MAX_FIELD_NAME_CHARS } from '@/lib/iceberg/text-limits'
import { renumberFields } from '@/lib/iceberg/schema/renumber-type'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ResultColumn } from './engine'

/** The columns of a result as those of a table. */

/**
 * The fields of a table for the result, with ids of their own: of the types that hold its values exactly. UUIDs are
 * text in results, and not in tables.
 */
export function savedFields(columns: readonly ResultColumn[]): NestedField[] {
  let lastId = 0
  const fields = columns.map(
    ({ name, type, sqlType }, id): NestedField => ({
      id,
      name,
      required: false,
      type: sqlType === 'UUID' ? 'uuid' : type,
    }),
  )
  return renumberFields(fields, () => (lastId += 1))
}

/** Why the result cannot be saved under its names, in a few sentences; null if it can. Engines ignore case in names. */
export function savedNameProblem(columns: readonly Pick<ResultColumn, 'name'>[]): string | null {
  const earlier = new Map<string, string>()
  for (const { name } of columns) {
    if (name === '' || name.length > MAX_FIELD_NAME_CHARS || name.includes('\0'))
      return `A column of a saved result has a name of 1 to ${MAX_FIELD_NAME_CHARS} characters. Give each column one with AS.`
    const other = earlier.get(name.toLowerCase())
    if (other !== undefined)
      return other === name
        ? `Two columns of the result are named ${name}. Give one of them another name with AS.`
        : `${other} and ${name} differ only in case. Give one of them another name with AS.`
    earlier.set(name.toLowerCase(), name)
  }
  return null
}

const TYPES_OF_VERSION_3: ReadonlySet<Type> = new Set<Type>(['timestamp_ns', 'timestamptz_ns', 'unknown', 'variant'])

/** The lowest format version that has the types. */
export function savedFormatVersion(fields: readonly NestedField[]): 2 | 3 {
  return fields.some(({ type }) => TYPES_OF_VERSION_3.has(type) || savedFormatVersion(childFields(type)) === 3) ? 3 : 2
}
