import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, PrimitiveType, Schema } from '@/lib/iceberg/schema/types'

/** Which columns of a table can be written at all, and which of them stand in its data files. */

/** A column of type unknown is null in every row and has no place in a file (spec, *Primitive Types*). */
export function isStored({ type }: NestedField): boolean {
  return type !== 'unknown'
}

/**
 * Every column of the table has to be in every file that is written (spec, *Default values*), so that one of a type that
 * cannot be written is in the way of all of them.
 *
 * @throws {AppError} not-supported naming the first column that cannot be written
 */
export function requireWritable(schema: Schema): void {
  for (const { field, path, parentId } of indexFields(schema).values()) {
    const { type } = field
    const reason = typeof type === 'string' ? unwritableReason(type, parentId !== null) : null
    if (typeof type !== 'string' || reason === null) continue
    const column = path.join('.')
    throw new AppError('not-supported', `Column ${column} is of type ${type}: ${reason}.`, { facts: { column, type } })
  }
  if (!schema.fields.some(isStored)) {
    throw new AppError('not-supported', 'The table has no column that a file could hold.')
  }
  refuseNamesDifferingInCase(schema)
}

function unwritableReason(type: PrimitiveType, isNested: boolean): string | null {
  switch (parsePrimitive(type).kind) {
    case 'fixed':
      // Iceberg asks for fixed_len_byte_array, and DuckDB writes byte_array, which PyIceberg refuses for it.
      return 'Lakeshore cannot write bytes of a fixed length yet; binary takes them'
    case 'unknown':
      return isNested ? 'Lakeshore cannot leave it out of a nested column' : null
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return 'Lakeshore reads such tables and cannot load rows into them; an engine that writes the type can'
    default:
      return null
  }
}

/** DuckDB, which writes the files, takes `a` and `A` for one name. */
function refuseNamesDifferingInCase(schema: Schema): void {
  const seen = new Set<string>()
  for (const { field, parentId } of indexFields(schema).values()) {
    const name = `${parentId} ${field.name.toLowerCase()}`
    if (seen.has(name)) {
      const detail = `Lakeshore cannot write columns whose names differ in capitals only: ${field.name}.`
      throw new AppError('not-supported', detail, { facts: { column: field.name } })
    }
    seen.add(name)
  }
}
