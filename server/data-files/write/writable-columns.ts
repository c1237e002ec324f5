import 'server-only'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, PrimitiveType, Schema } from '@/lib/iceberg/schema/types'

/** Which columns of a table can be written at all, and which of them are stored in its data files. */

/** A column of type unknown is null in every row and is not stored in files (spec, *Primitive Types*). */
export function isStored({ type }: NestedField): boolean {
  return type !== 'unknown'
}

/**
 * Every file has to contain every column of the table (spec, *Default values*), so a single unsupported type prevents
 * all writes.
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
    throw new AppError('not-supported', 'The table has no column that can be stored in a file.')
  }
  refuseNamesDifferingInCase(schema)
}

function unwritableReason(type: PrimitiveType, isNested: boolean): string | null {
  switch (parsePrimitive(type).kind) {
    case 'fixed':
      // Iceberg requires fixed_len_byte_array; DuckDB writes byte_array, which PyIceberg refuses for this type.
      return 'Lakeshore cannot write fixed-length bytes yet; use binary instead'
    case 'unknown':
      return isNested ? 'Lakeshore cannot omit it from a nested column' : null
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return 'Lakeshore reads such tables but cannot load rows into them; use an engine that writes the type'
    default:
      return null
  }
}

/** DuckDB, which writes the files, treats `a` and `A` as one name. */
function refuseNamesDifferingInCase(schema: Schema): void {
  const seen = new Set<string>()
  for (const { field, parentId } of indexFields(schema).values()) {
    const name = `${parentId} ${field.name.toLowerCase()}`
    if (seen.has(name)) {
      const detail = `Lakeshore cannot write columns whose names differ only in case: ${field.name}.`
      throw new AppError('not-supported', detail, { facts: { column: field.name } })
    }
    seen.add(name)
  }
}
