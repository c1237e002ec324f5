import type { JsonObject } from '../json/json'
import { indexFields } from '../schema/schema'
import {
  formatTransformedValue,
  parseTransform,
  type Transform,
  transformLabel,
  transformResultType,
} from './transform'
import type { PrimitiveType, Schema, Value } from '../schema/types'

export type PartitionField = {
  /** Id of the source column in the schema. */
  sourceId: number
  fieldId: number
  name: string
  /** As written: `identity`, `bucket[16]`, `truncate[4]`, `year`, `month`, `day`, `hour`, `void`, or an unknown one. */
  transform: string
  unknownFields?: JsonObject
}

export type PartitionSpec = { specId: number; fields: readonly PartitionField[]; unknownFields?: JsonObject }

/**
 * A partition spec read together with a schema.
 *
 * Spec: Iceberg table spec, *Partitioning*.
 */

export type PartitionColumn = {
  fieldId: number
  name: string
  /** The type of the partition value: the transform's result type; `unknown` if the source column was dropped. */
  type: PrimitiveType
  transform: Transform
  /** Dotted name of the source column; null if it was dropped. */
  sourceName: string | null
  sourceType: PrimitiveType
}

/** The partition's columns, in the order of the spec's fields. */
export function partitionColumns(spec: PartitionSpec, schema: Schema): PartitionColumn[] {
  const fields = indexFields(schema)
  return spec.fields.map(({ fieldId, name, sourceId, transform: text }) => {
    const transform = parseTransform(text)
    const source = fields.get(sourceId)
    const sourceType = typeof source?.field.type === 'string' ? source.field.type : 'unknown'
    return {
      fieldId,
      name,
      type: transformResultType(transform, sourceType),
      transform,
      sourceName: source?.path.join('.') ?? null,
      sourceType,
    }
  })
}

/**
 * The folder of a partition's files: `date_month=2001-06/origin=ABQ`, form-encoded so that any value is one path
 * segment; empty for an unpartitioned spec.
 *
 * @param values in the order of the spec's fields
 */
export function partitionPath(spec: PartitionSpec, schema: Schema, values: readonly (Value | null)[]): string {
  return formatPartitionValues(spec, schema, values)
    .map(({ name, text }) => `${formEncode(name)}=${formEncode(text)}`)
    .join('/')
}

/**
 * The partition as people read it: `date_month=2001-06, origin=ABQ`; empty for an unpartitioned spec. A text `null` is in
 * quotes.
 */
export function partitionLabel(spec: PartitionSpec, schema: Schema, values: readonly (Value | null)[]): string {
  return formatPartitionValues(spec, schema, values)
    .map(({ name, text }, index) => `${name}=${text === 'null' && values[index] != null ? '"null"' : text}`)
    .join(', ')
}

/** How the spec partitions the table, for people: `month(date), origin`; empty for an unpartitioned spec. */
export function specLabel(spec: PartitionSpec, schema: Schema): string {
  return partitionColumns(spec, schema)
    .map(({ transform, sourceName, name }) => transformLabel(transform, sourceName ?? name))
    .join(', ')
}

function formatPartitionValues(spec: PartitionSpec, schema: Schema, values: readonly (Value | null)[]) {
  return partitionColumns(spec, schema).map(({ name, transform, sourceType }, index) => ({
    name,
    text: formatTransformedValue(transform, sourceType, values[index] ?? null),
  }))
}

/** Like Java's `URLEncoder`, which other writers use to name folders. */
function formEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
