import type { Type } from '@/lib/iceberg/schema/types'
import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'
import { createValueGetter } from './row-values'
import { bytesAt } from './to-table-type'
import {
  primitiveVariantJson,
  readVariantMetadata,
  variantArrayJson,
  type VariantField,
  variantFields,
  variantJson,
  type VariantLimits,
  type VariantMetadata,
  variantObjectJson,
} from './variant-json'
import type { TypedValue, VariantGroup } from './variant-shape'
import { isValid, ValidityBuilder, type Vector } from './vector'

/**
 * Puts variants together from their columns.
 *
 * @param metadata of each row
 * @param stored the column as a struct: of each group a struct of `value` and `typed_value`, both always there
 * @returns JSON text as UTF-8
 * @throws {DamagedParquet} if the columns contradict each other; {OversizedParquet}
 */
export function variantVector(
  group: VariantGroup,
  metadata: Vector,
  stored: Vector,
  reserveMemory: ReserveMemory,
): Vector {
  const { length } = stored
  const nulls = new ValidityBuilder(length)
  const limits = createLimits(reserveMemory)
  const metadataAt = metadataReader(metadata)
  const jsonAt = groupReader(group, stored, limits.inOneValue)
  const parts: Uint8Array[] = []
  reserveMemory(4 * (length + 1))
  const offsets = new Int32Array(length + 1)
  const encoder = new TextEncoder()
  let totalBytes = 0
  for (let i = 0; i < length; i++) {
    if (isPresent(stored, i)) {
      limits.beginValue()
      // A variant that is absent although its group is there is the null of variants.
      const bytes = encoder.encode(jsonAt(metadataAt(i), i) ?? 'null')
      parts.push(bytes)
      totalBytes += bytes.length
      if (totalBytes > MAX_TOTAL_BYTES) throw new OversizedParquet('the variants take more than 2 GiB as text')
    } else nulls.setNull(i)
    offsets[i + 1] = totalBytes
  }
  reserveMemory(totalBytes)
  const bytes = new Uint8Array(totalBytes)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { kind: 'bytes', length, validity: nulls.finish(), offsets, bytes }
}

/** Offsets are 32 bits wide. */
const MAX_TOTAL_BYTES = 2 ** 31 - 1

function createLimits(reserveMemory: ReserveMemory): { beginValue: () => void; inOneValue: VariantLimits } {
  let remainingChars = 0
  return {
    beginValue: () => {
      remainingChars = DECODE_LIMITS.valueBytes
    },
    inOneValue: {
      reserveChars: (count) => {
        remainingChars -= count
        if (remainingChars < 0) throw new OversizedParquet('a variant is too long as text')
        reserveMemory(count)
      },
    },
  }
}

/** Rows in a row mostly have the same metadata. */
function metadataReader(vector: Vector): (index: number) => VariantMetadata {
  let last: { bytes: Uint8Array; metadata: VariantMetadata } | null = null
  return (index) => {
    if (!isPresent(vector, index)) throw new DamagedParquet('a variant has no metadata')
    const bytes = bytesAt(vector, index)
    if (last === null || !areEqual(last.bytes, bytes)) last = { bytes, metadata: readVariantMetadata(bytes) }
    return last.metadata
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return (
    a.length === b.length &&
    (a.byteOffset === b.byteOffset ? a.buffer === b.buffer : a.every((byte, i) => byte === b[i]))
  )
}

/** The JSON of the variant at an index, or null if it is missing. */
type JsonReader = (metadata: VariantMetadata, index: number) => string | null

function groupReader({ value, typed }: VariantGroup, stored: Vector, limits: VariantLimits): JsonReader {
  const [valueVector, typedVector] = stored.kind === 'struct' ? stored.fields : []
  const bytesOf = (index: number): Uint8Array | null =>
    value && valueVector && isPresent(valueVector, index) ? bytesAt(valueVector, index) : null
  if (!typed || !typedVector) {
    return (metadata, index) => {
      const bytes = bytesOf(index)
      return bytes && variantJson(metadata, bytes, limits)
    }
  }
  const readTyped = typedReader(typed, typedVector, limits)
  return (metadata, index) => {
    const bytes = bytesOf(index)
    if (!isPresent(typedVector, index)) return bytes && variantJson(metadata, bytes, limits)
    return readTyped(metadata, index, bytes)
  }
}

type TypedReader = (metadata: VariantMetadata, index: number, rest: Uint8Array | null) => string

function typedReader(typed: TypedValue, vector: Vector, limits: VariantLimits): TypedReader {
  switch (typed.kind) {
    case 'primitive': {
      const valueAt = createValueGetter(vector, typed.type satisfies Type, () => undefined)
      return (_, index, rest) => {
        requireNoRest(rest)
        const value = valueAt(index)
        if (value === null || (typeof value === 'object' && !(value instanceof Uint8Array))) return 'null'
        return primitiveVariantJson(typed.type, value, limits)
      }
    }
    case 'object': {
      const vectors = vector.kind === 'struct' ? vector.fields : []
      const readers = typed.fields.flatMap(({ name, group }, i) => {
        const field = vectors[i]
        return field ? [{ name, jsonAt: groupReader(group, field, limits) }] : []
      })
      const shredded = new Set(typed.fields.map(({ name }) => name))
      return (metadata, index, rest) => {
        const others = rest && variantFields(metadata, rest, limits)
        if (rest && !others) throw new DamagedParquet('a variant that is not an object has fields')
        const fields = readers.flatMap(({ name, jsonAt }): VariantField[] => {
          const json = jsonAt(metadata, index)
          return json === null ? [] : [[name, json]]
        })
        // The column of a field is right, should the rest have the field too.
        fields.push(...(others ?? []).filter(([name]) => !shredded.has(name)))
        return variantObjectJson(fields.sort(compareNames), limits)
      }
    }
    case 'array': {
      const [element, offsets] = vector.kind === 'list' ? [vector.element, vector.offsets] : [null, null]
      const jsonAt = element && groupReader(typed.element, element, limits)
      return (metadata, index, rest) => {
        requireNoRest(rest)
        const items: string[] = []
        const end = offsets?.[index + 1] ?? 0
        for (let i = offsets?.[index] ?? 0; i < end; i++) items.push(jsonAt?.(metadata, i) ?? 'null')
        return variantArrayJson(items, limits)
      }
    }
  }
}

function requireNoRest(rest: Uint8Array | null): void {
  if (rest) throw new DamagedParquet('a variant has both a value and a typed value')
}

/** By code point, as the bytes of UTF-8 are ordered. */
function compareNames([a]: VariantField, [b]: VariantField): number {
  const [left, right] = [Array.from(a), Array.from(b)]
  const at = left.findIndex((char, i) => char !== right[i])
  if (at < 0) return left.length - right.length
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1)
}

function isPresent(vector: Vector, index: number): boolean {
  return vector.kind === 'constant' ? vector.value !== null : isValid(vector.validity, index)
}
