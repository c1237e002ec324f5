import { canTransform, parseTransform } from '../iceberg/partitioning/transform'
import { parsePrimitive } from '../iceberg/schema/primitive'
import { type IndexedField, indexFields } from '../iceberg/schema/schema'
import type { PrimitiveType, Schema } from '../iceberg/schema/types'

/** The transforms that people choose from. `void` is what Iceberg makes of a removed field. */
export const TRANSFORM_KINDS = ['identity', 'year', 'month', 'day', 'hour', 'bucket', 'truncate'] as const
export type TransformKind = (typeof TRANSFORM_KINDS)[number]

export type OfferedTransform = {
  kind: TransformKind
  /** Why it is not offered; null if it is. */
  reason: string | null
}

/** Every transform for a column of a type, and why some do not apply. */
export function offeredTransforms(type: PrimitiveType): OfferedTransform[] {
  return TRANSFORM_KINDS.map((kind) => {
    const transform = parseTransform(transformText(kind, 1))
    return { kind, reason: canTransform(transform, type) ? null : reasonOf(kind, type) }
  })
}

function reasonOf(kind: TransformKind, type: PrimitiveType): string {
  switch (kind) {
    case 'identity':
      return `a ${type} has no order`
    case 'year':
    case 'month':
    case 'day':
      return 'dates and timestamps only'
    case 'hour':
      return 'timestamps only'
    case 'bucket':
      return `a ${type} has no hash`
    case 'truncate':
      return 'numbers, text and bytes only'
  }
}

/** As a partition spec has it: `bucket[16]`. */
export function transformText(kind: TransformKind, parameter: number): string {
  return takesParameter(kind) ? `${kind}[${parameter}]` : kind
}

export function takesParameter(kind: TransformKind): boolean {
  return kind === 'bucket' || kind === 'truncate'
}

/** The kind and the parameter of a transform; null for one that is not offered. */
export function splitTransform(text: string): { kind: TransformKind; parameter: number | null } | null {
  const transform = parseTransform(text)
  if (transform.kind === 'bucket') return { kind: 'bucket', parameter: transform.buckets }
  if (transform.kind === 'truncate') return { kind: 'truncate', parameter: transform.width }
  return transform.kind === 'void' || transform.kind === 'unknown' ? null : { kind: transform.kind, parameter: null }
}

/** The name that Iceberg gives a partition field: `date_month`, `id_bucket_16`, `city_trunc_4`, `city`. */
export function defaultFieldName(path: readonly string[], text: string): string {
  const column = path.join('.')
  const split = splitTransform(text)
  if (split === null || split.kind === 'identity') return column
  if (split.kind === 'bucket') return `${column}_bucket_${split.parameter}`
  return split.kind === 'truncate' ? `${column}_trunc_${split.parameter}` : `${column}_${split.kind}`
}

/** A column that can be a source of partition and sort fields. */
export type SourceColumn = { sourceId: number; path: readonly string[]; type: PrimitiveType }

/** Columns of a primitive type that any transform accepts, outside lists and maps. */
export function sourceColumns(schema: Schema): SourceColumn[] {
  return [...indexFields(schema).values()].flatMap(({ field, path, isRepeated }: IndexedField) => {
    const { id, type } = field
    if (typeof type !== 'string' || isRepeated || !canTransform({ kind: 'identity' }, type)) return []
    return [{ sourceId: id, path, type }]
  })
}

export type LayoutCandidate = readonly { sourceId: number; transform: string }[]

/**
 * The candidates to compare with today by default: months and days of the first column with a time, or
 * buckets of the first identifier, long or UUID.
 *
 * @param known a layout that needs no comparison; null: there is none
 */
export function suggestCandidates(schema: Schema, known: LayoutCandidate | null): LayoutCandidate[] {
  const columns = sourceColumns(schema)
  const time = columns.find(({ type }) => isTime(type))
  const id =
    columns.find(({ sourceId }) => schema.identifierFieldIds.includes(sourceId)) ??
    columns.find(({ type }) => type === 'long' || type === 'uuid')
  const suggested: LayoutCandidate[] = [
    ...(time ? ['month', 'day'].map((transform) => [{ sourceId: time.sourceId, transform }]) : []),
    ...(id && canTransform({ kind: 'bucket', buckets: 16 }, id.type)
      ? [[{ sourceId: id.sourceId, transform: 'bucket[16]' }]]
      : []),
  ]
  return suggested.filter((one) => known === null || candidateKey(one) !== candidateKey(known))
}

/** Equal for layouts with the same fields in the same order. */
export function candidateKey(candidate: LayoutCandidate): string {
  return candidate.map(({ sourceId, transform }) => `${sourceId} ${transform}`).join('\n')
}

function isTime(type: PrimitiveType): boolean {
  return ['date', 'timestamp', 'timestamptz', 'timestamp_ns', 'timestamptz_ns'].includes(parsePrimitive(type).kind)
}
