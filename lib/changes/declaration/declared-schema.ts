import { AppError } from '@/lib/errors'
import { normalizePrimitiveType } from '../../iceberg/schema/primitive'
import { MAX_TYPE_DEPTH } from '../../iceberg/schema/schema'
import type { NestedField, Type } from '../../iceberg/schema/types'
import type { ColumnDeclaration, TypeDeclaration } from './table-declaration'

/**
 * The column of a declaration, with new ids for the column and its nested fields.
 *
 * @param takeId gives the next id
 * @throws {AppError} invalid-request for a type that Iceberg does not have
 */
export function fieldOfDeclaration(column: ColumnDeclaration, takeId: () => number, depth = 0): NestedField {
  const { name, required = false, doc, 'initial-default': initialDefault, 'write-default': writeDefault } = column
  return {
    id: takeId(),
    name,
    required,
    type: typeOfDeclaration(column.type, takeId, depth),
    ...(doc !== undefined && { doc }),
    ...(initialDefault !== undefined && { initialDefault }),
    ...(writeDefault !== undefined && { writeDefault }),
  }
}

/** As {@link fieldOfDeclaration}, for a type. */
export function typeOfDeclaration(declared: TypeDeclaration, takeId: () => number, depth = 0): Type {
  if (depth > MAX_TYPE_DEPTH)
    throw new AppError('invalid-request', `A column has types that are nested more than ${MAX_TYPE_DEPTH} deep.`)
  if (typeof declared === 'string') {
    const primitive = normalizePrimitiveType(declared)
    if (primitive === null) throw new AppError('invalid-request', `${declared} is not a type of Iceberg.`)
    return primitive
  }
  if ('struct' in declared)
    return { type: 'struct', fields: declared.struct.map((column) => fieldOfDeclaration(column, takeId, depth + 1)) }
  if ('list' in declared) {
    return {
      type: 'list',
      elementId: takeId(),
      element: typeOfDeclaration(declared.list, takeId, depth + 1),
      elementRequired: declared.required ?? false,
    }
  }
  const [keyId, valueId] = [takeId(), takeId()]
  return {
    type: 'map',
    keyId,
    key: typeOfDeclaration(declared.map.key, takeId, depth + 1),
    valueId,
    value: typeOfDeclaration(declared.map.value, takeId, depth + 1),
    valueRequired: declared.required ?? false,
  }
}
