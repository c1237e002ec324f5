import { AppError } from '@/lib/errors'
import { readRequest } from '../json/read-request'
import { renumberFields } from './renumber-type'
import { childFields } from './child-fields'
import type { NestedField, Schema } from './types'

/**
 * Finds fields in a schema, and assigns the ids of a new one.
 *
 * Spec: Iceberg table spec, *Schemas and Data Types*, *Column IDs*.
 */

/**
 * The most structs, lists and maps within each other of a new column, in every text that declares one. Engines fail far
 * below it, and the JSON of the table has to be readable.
 */
export const MAX_TYPE_DEPTH = 100

export type IndexedField = {
  /** The elements of lists and the keys and values of maps are fields too, named `element`, `key` and `value`. */
  field: NestedField
  /** Names from the top: `['geometry', 'coordinates', 'element']`. */
  path: readonly string[]
  /** Null at the top level. */
  parentId: number | null
  /** Whether it is inside a list or a map, so that a row can have any number of its values. */
  isRepeated: boolean
}

/**
 * Every field at every depth by its id, parents before children.
 *
 * @throws {AppError} file-damaged when two fields share an id
 */
export function indexFields(schema: { fields: readonly NestedField[] }): Map<number, IndexedField> {
  const index = new Map<number, IndexedField>()
  const visit = (indexed: IndexedField): void => {
    const { field, path, isRepeated } = indexed
    if (index.has(field.id)) {
      throw new AppError('file-damaged', `Two fields of the schema have the id ${field.id}`, {
        facts: { fieldId: field.id, field: path.join('.') },
      })
    }
    index.set(field.id, indexed)
    const repeats = isRepeated || (typeof field.type !== 'string' && field.type.type !== 'struct')
    for (const child of childFields(field.type)) {
      visit({ field: child, path: [...path, child.name], parentId: field.id, isRepeated: repeats })
    }
  }
  for (const field of schema.fields) visit({ field, path: [field.name], parentId: null, isRepeated: false })
  return index
}

/** The field with a dotted name such as `geometry.coordinates`, or null. Names may contain dots themselves. */
export function findFieldByName(schema: Schema, name: string): IndexedField | null {
  for (const indexed of indexFields(schema).values()) {
    if (indexed.path.join('.') === name) return indexed
  }
  return null
}

/** The highest id of any field at any depth; 0 for an empty schema. */
export function highestFieldId(schema: Schema): number {
  let highest = 0
  for (const fieldId of indexFields(schema).keys()) highest = Math.max(highest, fieldId)
  return highest
}

export type FreshIds = {
  schema: Schema
  lastColumnId: number
  /** Maps the id of a field in the given schema to its new id. */
  freshIdByOldId: ReadonlyMap<number, number>
}

/**
 * Assigns ids from 1 to the schema of a new table, in the same order as other writers: all fields of a struct first,
 * then the contents of each of them in turn. The schema's own id becomes 0.
 *
 * @throws {AppError} invalid-request when two fields of one struct have the same name, or an identifier field does not
 *   exist
 */
export function assignFreshIds(schema: Schema): FreshIds {
  const freshIdByOldId = new Map<number, number>()
  let lastColumnId = 0
  const assignId = (oldId: number): number => {
    lastColumnId += 1
    if (freshIdByOldId.has(oldId)) {
      throw new AppError('invalid-request', `Two fields of the schema have the id ${oldId}`, {
        facts: { fieldId: oldId },
      })
    }
    freshIdByOldId.set(oldId, lastColumnId)
    return lastColumnId
  }
  requireUniqueNames(schema)
  const fields = renumberFields(schema.fields, assignId)
  const identifierFieldIds = schema.identifierFieldIds.map((fieldId) => {
    const freshId = freshIdByOldId.get(fieldId)
    if (freshId !== undefined) return freshId
    throw new AppError('invalid-request', `The identifier field ${fieldId} is not in the schema`, {
      facts: { fieldId },
    })
  })
  return { schema: { ...schema, schemaId: 0, fields, identifierFieldIds }, lastColumnId, freshIdByOldId }
}

/**
 * Requires that each field has a dotted name of its own: that is how engines find it, and Java and PyIceberg load no
 * table in which a column `p.name` is next to the column `name` of a struct `p`.
 *
 * @throws {AppError} invalid-request when two fields have the same dotted name or the same id
 */
export function requireUniqueNames(schema: Schema): void {
  const names = new Set<string>()
  for (const { field, path } of readRequest(() => indexFields(schema)).values()) {
    if (field.name === '') throw new AppError('invalid-request', 'A column has no name')
    const name = path.join('.')
    if (names.has(name))
      throw new AppError('invalid-request', `Two columns are named ${name}`, { facts: { column: name } })
    names.add(name)
  }
}
