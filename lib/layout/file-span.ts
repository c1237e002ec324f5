import type { DataFile } from '../iceberg/manifest/manifest'
import type { PartitionSpec } from '../iceberg/partitioning/partition-spec'
import { applyTransform, parseTransform } from '../iceberg/partitioning/transform'
import { parsePrimitive } from '../iceberg/schema/primitive'
import { compareValues, tryDecodeSingleValue } from '../iceberg/schema/single-value'
import type { PrimitiveType, Value } from '../iceberg/schema/types'
import type { LayoutField } from './layout-field'

/**
 * The manifest's bounds of the values that the rows of a file would have in a partition field.
 *
 * `one`: all rows have this value. `range`: those that are not null are between these, whole numbers in the order of the
 * values. `any`: nothing is known, because there are no bounds, or they do not limit what the transform gives.
 */
export type Span = { kind: 'one'; value: Value | null } | { kind: 'range'; from: bigint; to: bigint } | { kind: 'any' }

export type FieldSpan = {
  /** The span of the rows that are not null. Only `one` can have null, when all rows are. */
  span: Span
  /** Rows whose value is null, which every transform keeps; null if that is not known. */
  nullCount: number | null
}

export type SpanReader = (file: DataFile) => FieldSpan[]

/** A reader of files with any of the specs. The partition values of a file count first, then the bounds of its columns. */
export function createSpanReader(fields: readonly LayoutField[], specs: readonly PartitionSpec[]): SpanReader {
  const knownBySpec = new Map(specs.map((spec) => [spec.specId, fields.map((field) => knownValue(field, spec))]))
  return (file) => {
    const { metrics, recordCount, partition, specId } = file
    const known = knownBySpec.get(specId)
    // Each access decodes the whole map.
    let maps: Maps | null = null
    return fields.map((field, i) => {
      const value = known?.[i]?.(partition)
      if (value !== undefined) return oneValue(value, recordCount)
      if (field.transform.kind === 'void') return oneValue(null, recordCount)
      maps ??= {
        lower: metrics.lowerBounds,
        upper: metrics.upperBounds,
        nulls: metrics.nullValueCounts,
        values: metrics.valueCounts,
      }
      return measuredSpan(field, recordCount, maps)
    })
  }
}

type Maps = {
  lower: ReadonlyMap<number, Uint8Array>
  upper: ReadonlyMap<number, Uint8Array>
  nulls: ReadonlyMap<number, number>
  values: ReadonlyMap<number, number>
}

/** How to get a field's value from the partition of a file, if its spec has the same field or the column itself. */
function knownValue(
  field: LayoutField,
  spec: PartitionSpec,
): ((partition: DataFile['partition']) => Value | null) | undefined {
  const own = spec.fields.map((one) => ({ sourceId: one.sourceId, transform: parseTransform(one.transform) }))
  const same = own.findIndex(
    ({ sourceId, transform }) =>
      sourceId === field.sourceId && JSON.stringify(transform) === JSON.stringify(field.transform),
  )
  if (same >= 0 && field.transform.kind !== 'void') return (partition) => partition[same] ?? null
  const identity = own.findIndex(
    ({ sourceId, transform }) => sourceId === field.sourceId && transform.kind === 'identity',
  )
  if (identity < 0) return undefined
  return (partition) => applyTransform(field.transform, field.sourceType, partition[identity] ?? null)
}

function oneValue(value: Value | null, recordCount: number): FieldSpan {
  return { span: { kind: 'one', value }, nullCount: value === null ? recordCount : 0 }
}

function measuredSpan(field: LayoutField, recordCount: number, maps: Maps): FieldSpan {
  const nullCount = field.isRequired ? 0 : knownNulls(field.sourceId, recordCount, maps)
  if (nullCount === recordCount) return oneValue(null, recordCount)
  return { span: boundedSpan(field, maps), nullCount }
}

/** Counts that contradict the number of rows are not believed. */
function knownNulls(fieldId: number, recordCount: number, { nulls, values }: Maps): number | null {
  const count = nulls.get(fieldId)
  const isWhole = (values.get(fieldId) ?? recordCount) === recordCount
  return count !== undefined && isWhole && count >= 0 && count <= recordCount ? count : null
}

const ANY: Span = { kind: 'any' }

function boundedSpan(field: LayoutField, { lower, upper }: Maps): Span {
  const [low, high] = [lower.get(field.sourceId), upper.get(field.sourceId)]
  if (!low || !high) return ANY
  const bounds = decodeBounds(field.sourceType, low, high)
  if (bounds === null) return ANY
  return isOrdinal(field) ? rangeOf(field, bounds) : (sharedValue(field, bounds) ?? ANY)
}

type Bounds = { lower: Value; upper: Value }

/** Null for bounds that are damaged or contradict each other. */
function decodeBounds(type: PrimitiveType, low: Uint8Array, high: Uint8Array): Bounds | null {
  const [lower, upper] = [tryDecodeSingleValue(type, low), tryDecodeSingleValue(type, high)]
  return lower !== null && upper !== null && compareValues(type, lower, upper) <= 0 ? { lower, upper } : null
}

const ORDINAL_KINDS: readonly string[] = [
  'boolean',
  'int',
  'long',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timestamp_ns',
  'timestamptz_ns',
  'decimal',
]

/** Whether a field's values are whole numbers that grow with the column, so that bounds of the column limit them. */
export function isOrdinal({ transform, sourceType }: LayoutField): boolean {
  return transform.kind !== 'bucket' && ORDINAL_KINDS.includes(parsePrimitive(sourceType).kind)
}

function rangeOf(field: LayoutField, { lower, upper }: Bounds): Span {
  const [low, high] = [lower, upper].map((bound) => applyTransform(field.transform, field.sourceType, bound))
  const [from, to] = [toOrdinal(low ?? null), toOrdinal(high ?? null)]
  // The lowest numbers wrap around when they are truncated, and longer decimals do not fit.
  if (from === null || to === null || from > to) return ANY
  return from === to && low !== undefined ? { kind: 'one', value: low } : { kind: 'range', from, to }
}

/** The value that both bounds, and so all values between them, have in a field without an order; null if there is none. */
function sharedValue({ transform, sourceType }: LayoutField, { lower, upper }: Bounds): Span | null {
  const { kind } = parsePrimitive(sourceType)
  if (transform.kind === 'truncate') {
    // Bounds may be shortened. All values between the two start with their common prefix.
    const [first, last] = [lower, upper].map((bound) => applyTransform(transform, sourceType, bound))
    const isWhole = first !== undefined && first !== null && lengthOf(first) === transform.width
    return isWhole && compareValues(sourceType, first, last ?? first) === 0 ? { kind: 'one', value: first } : null
  }
  const isShortened = kind === 'string' || kind === 'binary' || kind === 'fixed'
  if (isShortened || kind === 'float' || kind === 'double' || compareValues(sourceType, lower, upper) !== 0) return null
  return { kind: 'one', value: applyTransform(transform, sourceType, lower) }
}

function lengthOf(value: Value): number {
  if (value instanceof Uint8Array) return value.length
  return typeof value === 'string' ? Array.from(value).length : Number.NaN
}

const MAX_LONG = 2n ** 63n - 1n

/** The position of a value in the order of its type; null for null, and for what does not fit 64 bits. */
export function toOrdinal(value: Value | null): bigint | null {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null
  return typeof value === 'bigint' && value <= MAX_LONG && value >= -MAX_LONG ? value : null
}

/** The value at a position in the order. */
export function fromOrdinal(type: PrimitiveType, ordinal: bigint): Value {
  const { kind } = parsePrimitive(type)
  if (kind === 'boolean') return ordinal !== 0n
  return kind === 'int' || kind === 'date' ? Number(ordinal) : ordinal
}
