import { stringifyExactJson } from '../json/exact-json'
import type { Json } from '../json/json'
import { type MappedField, type NameMapping, parseNameMapping } from '../properties/name-mapping'
import { childFields } from './child-fields'
import type { NestedField, Schema, Type } from './types'

/**
 * The name mapping of a table after its schema changed. A column keeps the names that it had, since data files have
 * them, and gets its new one; a column that takes the name of another takes it from the mapping of that one, too.
 *
 * Spec: Iceberg table spec, *Column Projection*, *Name Mapping Serialization*.
 *
 * @param text the mapping before, as in the table's property
 * @throws {AppError} invalid-request when it is not a valid mapping
 */
export function followSchema(text: string, before: Schema, after: Schema): string {
  return stringifyExactJson(mappingToJson(mapFields(parseNameMapping(text), before.fields, after.fields)))
}

function mapFields(mapping: NameMapping, before: readonly NestedField[], after: readonly NestedField[]): NameMapping {
  const known = new Set(before.map(({ id }) => id))
  const idsByName = new Map(after.map(({ id, name }) => [name, id]))
  const isTaken = (name: string, fieldId: number | null): boolean => {
    const owner = idsByName.get(name)
    return owner !== undefined && owner !== fieldId
  }
  const followed = mapping.map((entry): MappedField => {
    const names = entry.names.filter((name) => !isTaken(name, entry.fieldId))
    const field = after.find(({ id }) => id === entry.fieldId)
    if (!field) return { ...entry, names }
    const typeBefore = before.find(({ id }) => id === field.id)?.type
    return {
      ...entry,
      names: names.includes(field.name) ? names : [...names, field.name],
      fields: mapFields(entry.fields, typeBefore === undefined ? [] : childFields(typeBefore), childFields(field.type)),
    }
  })
  const added = after.filter(({ id }) => !known.has(id) && !mapping.some(({ fieldId }) => fieldId === id))
  return [...followed, ...added.map(mapNewField)]
}

function mapNewField({ id, name, type }: NestedField): MappedField {
  return { fieldId: id, names: [name], fields: mapNewType(type) }
}

function mapNewType(type: Type): NameMapping {
  return childFields(type).map(mapNewField)
}

function mappingToJson(mapping: NameMapping): Json {
  return mapping.map(({ fieldId, names, fields }) => ({
    ...(fieldId !== null && { 'field-id': fieldId }),
    names,
    ...(fields.length > 0 && { fields: mappingToJson(fields) }),
  }))
}
