import type { AvroField, AvroRecord, AvroType } from '@/lib/iceberg/avro/avro-type'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'

/**
 * How fields of a file are matched with the table's: by the ids in the file, otherwise by the table's name mapping, of
 * which `mapping` has the part for the current level. Columns are never matched by name alone.
 *
 * Spec: Iceberg table spec, *Column Projection* and appendix A, *Avro*.
 */
export type FieldIds = { kind: 'file' } | { kind: 'mapped'; mapping: NameMapping }

/** Null if the file has no ids and the table no name mapping. */
export function resolveFieldIds(root: AvroType, nameMapping: NameMapping | null): FieldIds | null {
  if (hasFieldIds(root)) return { kind: 'file' }
  return nameMapping === null ? null : { kind: 'mapped', mapping: nameMapping }
}

export function fieldIdOf(field: AvroField, ids: FieldIds): number | null {
  if (ids.kind === 'file') return field.fieldId
  return ids.mapping.find(({ names }) => names.includes(field.name))?.fieldId ?? null
}

export function findField(record: AvroRecord, fieldId: number, ids: FieldIds): AvroField | null {
  return record.fields.find((field) => fieldIdOf(field, ids) === fieldId) ?? null
}

/** The ids inside a field; elements of lists are named `element`, entries of maps `key` and `value`. */
export function idsInside(name: string, ids: FieldIds): FieldIds {
  if (ids.kind === 'file') return ids
  return { kind: 'mapped', mapping: ids.mapping.find(({ names }) => names.includes(name))?.fields ?? [] }
}

function hasFieldIds(type: AvroType): boolean {
  switch (type.kind) {
    case 'record':
      return type.fields.some((field) => field.fieldId !== null || hasFieldIds(field.type))
    case 'array':
      return hasFieldIds(type.items)
    case 'map':
      return hasFieldIds(type.values)
    case 'union':
      return type.branches.some(hasFieldIds)
    default:
      return false
  }
}

/** Ids of the columns of the file itself. */
export function avroColumnIds({ schema, ids }: { schema: AvroType; ids: FieldIds }): number[] {
  if (schema.kind !== 'record') return []
  return schema.fields.flatMap((field) => fieldIdOf(field, ids) ?? [])
}
