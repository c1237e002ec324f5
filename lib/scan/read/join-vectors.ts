import type { ReserveMemory } from '@/lib/parquet/values'
import { type BytesVector, isValid, ValidityBuilder, type Vector } from './vector'

/** Offsets are 32 bits wide, as in Arrow's string and binary. */
const MAX_TOTAL_BYTES = 2 ** 31 - 1

type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array

/**
 * The values of several vectors, one after another. Dictionaries are joined, too, and may then have a value twice.
 *
 * @returns null for vectors of several kinds, nested values, and different constants, which stay apart
 */
export function joinVectors(vectors: readonly Vector[], reserveMemory: ReserveMemory): Vector | null {
  const [first] = vectors
  if (first === undefined || vectors.length === 1) return first ?? null
  const length = vectors.reduce((sum, vector) => sum + vector.length, 0)
  switch (first.kind) {
    case 'constant': {
      const { value } = first
      const isSame = vectors.every((vector) => vector.kind === 'constant' && vector.value === value)
      return isSame ? { kind: 'constant', length, value } : null
    }
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'int128': {
      const { kind, data: firstData } = first
      const parts = vectors.flatMap((vector) => (vector.kind === kind ? [vector] : []))
      if (parts.length < vectors.length) return null
      const data = joinNumbers<Numbers>(
        parts.map((part) => part.data),
        firstData,
        reserveMemory,
      )
      return { kind, length, validity: joinValidity(parts, length, reserveMemory), data } as Vector
    }
    case 'fixed': {
      const { widthBytes } = first
      const parts = vectors.flatMap((vector) =>
        vector.kind === 'fixed' && vector.widthBytes === widthBytes ? [vector] : [],
      )
      if (parts.length < vectors.length) return null
      const bytes = joinNumbers(
        parts.map((part) => part.bytes),
        first.bytes,
        reserveMemory,
      )
      return { kind: 'fixed', length, validity: joinValidity(parts, length, reserveMemory), widthBytes, bytes }
    }
    case 'bytes': {
      const parts = vectors.flatMap((vector) => (vector.kind === 'bytes' ? [vector] : []))
      return parts.length < vectors.length ? null : joinBytes(parts, reserveMemory)
    }
    case 'dictionary': {
      const parts = vectors.flatMap((vector) => (vector.kind === 'dictionary' ? [vector] : []))
      if (parts.length < vectors.length) return null
      const dictionaries = [...new Set(parts.map((part) => part.dictionary))]
      const dictionary = joinBytes(dictionaries, reserveMemory)
      if (dictionary === null) return null
      const validity = joinValidity(parts, length, reserveMemory)
      const indexes = joinIndexes(parts, dictionaries, length, reserveMemory)
      return { kind: 'dictionary', length, validity, indexes, dictionary }
    }
    case 'struct':
    case 'list':
    case 'map':
      return null
  }
}

function joinNumbers<T extends Numbers>(parts: readonly T[], like: T, reserveMemory: ReserveMemory): T {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  reserveMemory(size * like.BYTES_PER_ELEMENT)
  const joined = new (like.constructor as new (length: number) => T)(size)
  let at = 0
  for (const part of parts) {
    joined.set(part as never, at)
    at += part.length
  }
  return joined
}

function joinValidity(
  parts: readonly { length: number; validity: Uint8Array | null }[],
  length: number,
  reserveMemory: ReserveMemory,
): Uint8Array | null {
  if (parts.every(({ validity }) => validity === null)) return null
  reserveMemory((length + 7) >> 3)
  const joined = new ValidityBuilder(length)
  let at = 0
  for (const part of parts) {
    if (part.validity !== null)
      for (let i = 0; i < part.length; i++) if (!isValid(part.validity, i)) joined.setNull(at + i)
    at += part.length
  }
  return joined.finish()
}

/** Null when they have more bytes than offsets can count. */
function joinBytes(parts: readonly BytesVector[], reserveMemory: ReserveMemory): BytesVector | null {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const spans = parts.map(({ offsets, length: count }) => [offsets[0] ?? 0, offsets[count] ?? 0] as const)
  const totalBytes = spans.reduce((sum, [start, end]) => sum + end - start, 0)
  if (totalBytes > MAX_TOTAL_BYTES) return null
  reserveMemory(totalBytes + 4 * (length + 1))
  const bytes = new Uint8Array(totalBytes)
  const offsets = new Int32Array(length + 1)
  let at = 0
  let byteAt = 0
  parts.forEach((part, p) => {
    const [start, end] = spans[p] ?? [0, 0]
    bytes.set(part.bytes.subarray(start, end), byteAt)
    for (let i = 1; i <= part.length; i++) offsets[at + i] = (part.offsets[i] ?? 0) - start + byteAt
    at += part.length
    byteAt += end - start
  })
  return { kind: 'bytes', length, validity: joinValidity(parts, length, reserveMemory), offsets, bytes }
}

function joinIndexes(
  parts: readonly { length: number; indexes: Int32Array; dictionary: BytesVector }[],
  dictionaries: readonly BytesVector[],
  length: number,
  reserveMemory: ReserveMemory,
): Int32Array {
  const firstIndexes = new Map<BytesVector, number>()
  let valueCount = 0
  for (const dictionary of dictionaries) {
    firstIndexes.set(dictionary, valueCount)
    valueCount += dictionary.length
  }
  reserveMemory(4 * length)
  const joined = new Int32Array(length)
  let at = 0
  for (const { indexes, dictionary, length: count } of parts) {
    const firstIndex = firstIndexes.get(dictionary) ?? 0
    for (let i = 0; i < count; i++) joined[at + i] = (indexes[i] ?? 0) + firstIndex
    at += count
  }
  return joined
}
