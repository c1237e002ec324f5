import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '../json/exact-json'
import { partitionSpecToJson, sortOrderToJson } from '../partitioning/partition-spec-json'
import { indexFields, MAX_TYPE_DEPTH } from '../schema/schema'
import { schemaToJson } from '../schema/schema-json'
import { readRequest } from '../json/read-request'
import { MAX_DOC_CHARS, MAX_FIELD_NAME_CHARS } from '../text-limits'
import { textTooLongError } from './text-too-long-error'
import type { NestedField, Schema, Type } from '../schema/types'
import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'
import type { JsonObject } from '../json/json'

/**
 * Limits the length of texts in schemas, partition specs, sort orders and statistics, for the same reason as for
 * properties (`size-limits`): metadata keeps each of them until a client removes it. The limits are far above what
 * engines and other catalogs allow, so no table in real use is refused. Lengths are in characters of the JSON.
 */

/** Ten thousand columns, BigQuery's maximum, with a doc of a few sentences each. */
const MAX_SCHEMA_CHARS = 8 * 1024 * 1024
/** Two thousand fields. */
const MAX_FIELDS_CHARS = 256 * 1024
/** A sketch of each of ten thousand columns takes some 1,500,000. */
export const MAX_STATISTICS_CHARS = 4 * 1024 * 1024

/**
 * @param before existing schemas: a column may keep a longer name or doc, and the new schema may be as long as the
 *   longest of them
 * @throws {AppError} invalid-request
 */
export function enforceSchemaLimits(schema: Schema, before: readonly Schema[] = []): void {
  const isOversized = ({ name, doc = '' }: NestedField) =>
    name.length > MAX_FIELD_NAME_CHARS || doc.length > MAX_DOC_CHARS
  const oversized = [...readRequest(() => indexFields(schema)).values()].filter(({ field }) => isOversized(field))
  const fieldsBefore = oversized.length === 0 ? [] : before.map(indexFields)
  for (const { field, path } of oversized) {
    const { id, name, doc = '' } = field
    const column = path.join('.').slice(0, 60)
    const previousFields = fieldsBefore.flatMap((fields) => fields.get(id)?.field ?? [])
    if (name.length > MAX_FIELD_NAME_CHARS && !previousFields.some((previous) => previous.name === name)) {
      const facts = { column, chars: name.length, maxChars: MAX_FIELD_NAME_CHARS }
      throw textTooLongError(`The name of the column ${name.slice(0, 60)}…`, facts, 'Give the column a shorter name.')
    }
    if (doc.length > MAX_DOC_CHARS && !previousFields.some((previous) => previous.doc === doc)) {
      throw textTooLongError(`The doc of the column ${column}`, { column, chars: doc.length, maxChars: MAX_DOC_CHARS })
    }
  }
  const depth = schemaDepth(schema)
  if (depth > MAX_TYPE_DEPTH && !before.some((earlier) => schemaDepth(earlier) >= depth))
    throw new AppError(
      'invalid-request',
      `The schema has types that are nested ${depth} deep, but the limit is ${MAX_TYPE_DEPTH}. Nothing was changed. Nest columns less deeply.`,
      { facts: { depth, maxDepth: MAX_TYPE_DEPTH } },
    )
  const chars = countChars(schemaToJson(schema))
  if (chars <= MAX_SCHEMA_CHARS || before.some((earlier) => countChars(schemaToJson(earlier)) >= chars)) return
  throw textTooLongError(
    'The schema',
    { column: null, chars, maxChars: MAX_SCHEMA_CHARS },
    'Make it shorter: fewer columns, or shorter docs and default values.',
  )
}

/** How many structs, lists and maps are within each other. */
function schemaDepth({ fields }: Schema): number {
  const depthOf = (type: Type): number => {
    if (typeof type === 'string') return 0
    if (type.type === 'struct') return 1 + depthOfAll(type.fields.map((field) => field.type))
    return 1 + depthOfAll(type.type === 'list' ? [type.element] : [type.key, type.value])
  }
  const depthOfAll = (types: readonly Type[]) => types.reduce((depth, type) => Math.max(depth, depthOf(type)), 0)
  return depthOfAll(fields.map(({ type }) => type))
}

/** @throws {AppError} invalid-request */
export function enforcePartitionSpecLimits(spec: PartitionSpec): void {
  for (const { name } of spec.fields) {
    if (name.length <= MAX_FIELD_NAME_CHARS) continue
    const facts = { partitionField: name.slice(0, 60), chars: name.length, maxChars: MAX_FIELD_NAME_CHARS }
    throw textTooLongError(
      `The name of the partition field ${name.slice(0, 60)}…`,
      facts,
      'Give the field a shorter name.',
    )
  }
  enforceCharLimit('The partition spec', partitionSpecToJson(spec), MAX_FIELDS_CHARS, 'Partition by fewer fields.')
}

/** @throws {AppError} invalid-request */
export function enforceSortOrderLimits(order: SortOrder): void {
  enforceCharLimit('The sort order', sortOrderToJson(order), MAX_FIELDS_CHARS, 'Sort by fewer fields.')
}

/** The description of one statistics file in metadata. @throws {AppError} invalid-request */
export function enforceStatisticsLimits(statistics: JsonObject): void {
  const advice = 'Store long texts in the statistics file itself.'
  enforceCharLimit('The description of the statistics file', statistics, MAX_STATISTICS_CHARS, advice)
}

function enforceCharLimit(subject: string, json: JsonObject, maxChars: number, advice: string): void {
  const chars = countChars(json)
  if (chars > maxChars) throw textTooLongError(subject, { chars, maxChars }, advice)
}

function countChars(json: JsonObject): number {
  return stringifyExactJson(json).length
}
