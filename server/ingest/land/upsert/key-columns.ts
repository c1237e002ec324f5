import 'server-only'
import { AppError } from '@/lib/errors'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema } from '@/lib/iceberg/schema/types'
import { type ComparedColumn, listComparedColumns } from '@/lib/scan/compare/compared-columns'

/** The columns of a table's key, in the order of the schema. */
export type KeyColumns = readonly ComparedColumn[]

const UNCOMPARABLE_TYPES: readonly unknown[] = ['float', 'double', 'unknown', 'variant']

/**
 * @throws {AppError} invalid-request for a schema without identifier fields, or with one that identifies no row: it may
 *   be null, may be repeated, or is a floating-point number. Spec: Iceberg table spec, *Identifier Field IDs*
 */
export function findKeyColumns(schema: Schema): KeyColumns {
  const ids = new Set(schema.identifierFieldIds)
  if (ids.size === 0)
    throw new AppError(
      'invalid-request',
      'The table has no identifier fields, so it is not known which rows the new ones replace. Set them on the page Schema first, or append the rows.',
    )
  const fields = indexFields(schema)
  for (const fieldId of ids) requireIdentifying(fields, fieldId)
  return listComparedColumns(schema.fields).filter(({ fieldId }) => ids.has(fieldId))
}

function requireIdentifying(fields: ReadonlyMap<number, IndexedField>, fieldId: number): void {
  const found = fields.get(fieldId)
  const problem = found ? findProblem(fields, found) : 'is not a column of the table'
  if (problem === null) return
  const name = found?.path.join('.') ?? `with the id ${fieldId}`
  throw new AppError('invalid-request', `The identifier field ${name} ${problem}, so rows cannot be found by it.`, {
    facts: { fieldId },
  })
}

function findProblem(fields: ReadonlyMap<number, IndexedField>, { field, parentId, isRepeated }: IndexedField) {
  if (isRepeated) return 'is in a list or a map'
  if (typeof field.type !== 'string') return 'is not a single value'
  if (UNCOMPARABLE_TYPES.includes(field.type)) return `is of type ${field.type}`
  for (let next: IndexedField | undefined = { field, path: [], parentId, isRepeated }; next; ) {
    if (!next.field.required) return 'may be null'
    next = next.parentId === null ? undefined : fields.get(next.parentId)
  }
  return null
}

/**
 * Rows of both schemas are compared by their keys, so these have to be the same.
 *
 * @throws {AppError} commit-conflict
 */
export function requireSameKeys(before: KeyColumns, schema: Schema): void {
  const after = listComparedColumns(schema.fields).filter(({ fieldId }) => schema.identifierFieldIds.includes(fieldId))
  const texts = [before, after].map((columns) =>
    columns
      .map(({ fieldId, type }) => `${fieldId} ${typeof type === 'string' ? type : type.type}`)
      .sort()
      .join('\n'),
  )
  if (texts[0] === texts[1] && schema.identifierFieldIds.length === before.length) return
  throw new AppError('commit-conflict', 'The identifier fields of the table changed while the load ran.')
}
