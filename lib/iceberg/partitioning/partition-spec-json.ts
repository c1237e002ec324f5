import { AppError } from '@/lib/errors'
import { JsonFields } from '../json/json-fields'
import type { PartitionField, PartitionSpec } from './partition-spec'
import type { SortField, SortOrder } from './sort-order'
import type { Json, JsonObject } from '../json/json'

/**
 * Partition specs and sort orders as JSON.
 *
 * Spec: Iceberg table spec, appendix C, *Partition Specs* and *Sort Orders*.
 */

/** A v1 spec may leave out the ids of its fields, which are then 1000, 1001, … in order. */
export const FIRST_PARTITION_FIELD_ID = 1000

export function partitionSpecFromJson(json: Json, path = ''): PartitionSpec {
  const object = new JsonFields(json, path)
  return { specId: object.int('spec-id'), fields: readPartitionFields(object, 'fields'), ...object.rest() }
}

/**
 * A spec in a client's request. The catalog numbers specs itself, so the spec's id may be absent. A field without an id
 * gets id 0, which the catalog replaces.
 */
export function requestedSpecFromJson(json: Json, path = ''): PartitionSpec {
  const object = new JsonFields(json, path)
  object.require('fields')
  return {
    specId: object.has('spec-id') ? object.int('spec-id') : 0,
    fields: readPartitionFields(object, 'fields', () => 0),
    ...object.rest(),
  }
}

export function partitionSpecToJson(spec: PartitionSpec): JsonObject {
  return { ...spec.unknownFields, 'spec-id': spec.specId, fields: partitionFieldsToJson(spec.fields) }
}

/** Only the list of fields: the `partition-spec` of v1 metadata. */
export function readPartitionFields(
  object: JsonFields,
  name: string,
  defaultFieldId = (index: number): number => FIRST_PARTITION_FIELD_ID + index,
): PartitionField[] {
  return object.items(name).map(({ json, path }, index) => {
    const field = new JsonFields(json, path)
    return {
      sourceId: readSourceId(field),
      fieldId: field.has('field-id') ? field.int('field-id') : defaultFieldId(index),
      name: field.text('name'),
      transform: field.text('transform'),
      ...field.rest(),
    }
  })
}

export function partitionFieldsToJson(fields: readonly PartitionField[]): JsonObject[] {
  return fields.map(({ sourceId, fieldId, name, transform, unknownFields }) => ({
    ...sourceToJson(sourceId, unknownFields),
    'field-id': fieldId,
    name,
    transform,
  }))
}

export function sortOrderFromJson(json: Json, path = ''): SortOrder {
  const object = new JsonFields(json, path)
  return { orderId: object.int('order-id'), fields: object.items('fields').map(sortFieldFromJson), ...object.rest() }
}

/** A sort order in a client's request. The catalog numbers orders itself, so its id may be absent. */
export function requestedOrderFromJson(json: Json, path = ''): SortOrder {
  const object = new JsonFields(json, path)
  object.require('fields')
  return {
    orderId: object.has('order-id') ? object.int('order-id') : 0,
    fields: object.items('fields').map(sortFieldFromJson),
    ...object.rest(),
  }
}

export function sortOrderToJson(order: SortOrder): JsonObject {
  return {
    ...order.unknownFields,
    'order-id': order.orderId,
    fields: order.fields.map(({ sourceId, transform, direction, nullOrder, unknownFields }) => ({
      ...sourceToJson(sourceId, unknownFields),
      transform,
      direction,
      'null-order': nullOrder,
    })),
  }
}

function sortFieldFromJson({ json, path }: { json: Json; path: string }): SortField {
  const field = new JsonFields(json, path)
  return {
    sourceId: readSourceId(field),
    transform: field.text('transform'),
    direction: readEnum(field, 'direction', ['asc', 'desc']),
    nullOrder: readEnum(field, 'null-order', ['nulls-first', 'nulls-last']),
    ...field.rest(),
  }
}

function readEnum<T extends string>(field: JsonFields, name: string, symbols: readonly T[]): T {
  const text = field.text(name)
  const symbol = symbols.find((candidate) => candidate === text.toLowerCase())
  if (symbol !== undefined) return symbol
  throw new AppError(
    'file-damaged',
    `Field ${field.pathOf(name)} should be one of ${symbols.join(', ')} but is ${text}`,
  )
}

/** A transform of several arguments (v3) has only `source-ids`, which stays among the unknown fields. */
function readSourceId(field: JsonFields): number {
  if (field.has('source-id')) return field.int('source-id')
  const sourceIds = field.peek('source-ids')
  const first: unknown = Array.isArray(sourceIds) ? sourceIds[0] : undefined
  return typeof first === 'number' ? first : field.int('source-id')
}

function sourceToJson(sourceId: number, unknownFields: JsonObject | undefined): JsonObject {
  return { ...unknownFields, ...(!hasMultipleSources({ unknownFields }) && { 'source-id': sourceId }) }
}

/** Whether a partition or sort field has a transform of several arguments (v3). */
export function hasMultipleSources({ unknownFields }: { unknownFields?: JsonObject | undefined }): boolean {
  return unknownFields !== undefined && Object.hasOwn(unknownFields, 'source-ids')
}
