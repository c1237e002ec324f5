import type { RowValue } from './row-value'

/**
 * The values of one column for some rows, in the layout of Arrow: typed arrays, and a bit per value for nulls. The grid
 * turns them into row values (`row-values`), the engines take them as Arrow (`to-arrow`).
 *
 * Spec: Apache Arrow, *Columnar Format*, *Physical Memory Layout*.
 */
export type Vector =
  | ConstantVector
  | (VectorBase & { kind: 'boolean' /** One byte per value, 0 or 1. */; data: Uint8Array })
  | (VectorBase & { kind: 'int32'; data: Int32Array })
  | (VectorBase & { kind: 'int64'; data: BigInt64Array })
  | (VectorBase & { kind: 'float32'; data: Float32Array })
  | (VectorBase & { kind: 'float64'; data: Float64Array })
  | (VectorBase & { kind: 'int128' /** Two words per value, the lower one first. */; data: BigInt64Array })
  | (VectorBase & { kind: 'fixed'; widthBytes: number; bytes: Uint8Array })
  | BytesVector
  | (VectorBase & { kind: 'dictionary'; indexes: Int32Array /** Without nulls. */; dictionary: BytesVector })
  | (VectorBase & { kind: 'struct' /** In the order of the table's fields. */; fields: readonly Vector[] })
  | (VectorBase & { kind: 'list' /** One more than values. */; offsets: Int32Array; element: Vector })
  | (VectorBase & { kind: 'map'; offsets: Int32Array; key: Vector; value: Vector })

/** One value for every row. */
export type ConstantVector = { kind: 'constant'; length: number; value: RowValue | null }

/** Value i is `bytes[offsets[i], offsets[i + 1])`. */
export type BytesVector = VectorBase & { kind: 'bytes'; offsets: Int32Array; bytes: Uint8Array }

type VectorBase = {
  length: number
  /** A bit per value, the lowest first, 0 for null; null if no value is null. */
  validity: Uint8Array | null
}

export function isValid(validity: Uint8Array | null, index: number): boolean {
  return validity === null || (((validity[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
}

/** Collects which values are null; takes no memory until the first one. */
export class ValidityBuilder {
  readonly #length: number
  #bits: Uint8Array | null = null

  constructor(length: number) {
    this.#length = length
  }

  setNull(index: number): void {
    this.#bits ??= this.#allValid()
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) & ~(1 << (index & 7))
  }

  setNulls(from: number, count: number): void {
    if (count === 0) return
    const end = from + count
    const firstWholeByte = Math.min(end, (from + 7) & ~7)
    const lastWholeByte = Math.max(firstWholeByte, end & ~7)
    for (let i = from; i < firstWholeByte; i++) this.setNull(i)
    this.#bits ??= this.#allValid()
    this.#bits.fill(0, firstWholeByte >> 3, lastWholeByte >> 3)
    for (let i = lastWholeByte; i < end; i++) this.setNull(i)
  }

  #allValid(): Uint8Array {
    return new Uint8Array((this.#length + 7) >> 3).fill(0xff)
  }

  finish(): Uint8Array | null {
    return this.#bits
  }
}

/** Memory of a vector; a dictionary counts, although others may share it. */
export function vectorBytes(vector: Vector): number {
  if (vector.kind === 'constant') return 0
  const own = vector.validity?.byteLength ?? 0
  switch (vector.kind) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'int128':
      return own + vector.data.byteLength
    case 'fixed':
      return own + vector.bytes.byteLength
    case 'bytes':
      return own + vector.offsets.byteLength + vector.bytes.byteLength
    case 'dictionary':
      return own + vector.indexes.byteLength + vectorBytes(vector.dictionary)
    case 'struct':
      return vector.fields.reduce((sum, field) => sum + vectorBytes(field), own)
    case 'list':
      return own + vector.offsets.byteLength + vectorBytes(vector.element)
    case 'map':
      return own + vector.offsets.byteLength + vectorBytes(vector.key) + vectorBytes(vector.value)
  }
}

/**
 * The values at some indexes, in their order.
 *
 * @param indexes ascending, below the vector's length
 * @param reserveMemory is called before memory is allocated
 */
export function takeValues(vector: Vector, indexes: Int32Array, reserveMemory: (bytes: number) => void): Vector {
  const length = indexes.length
  if (vector.kind === 'constant') return { ...vector, length }
  const validity = takeValidity(vector.validity, indexes, reserveMemory)
  switch (vector.kind) {
    case 'boolean':
    case 'int32':
    case 'float32':
    case 'float64':
      reserveMemory(length * vector.data.BYTES_PER_ELEMENT)
      return { ...vector, length, validity, data: takeNumbers(vector.data, indexes) } as Vector
    case 'int64': {
      reserveMemory(8 * length)
      const data = new BigInt64Array(length)
      for (let i = 0; i < length; i++) data[i] = vector.data[indexes[i] ?? 0] ?? 0n
      return { ...vector, length, validity, data }
    }
    case 'int128': {
      reserveMemory(16 * length)
      const data = new BigInt64Array(2 * length)
      for (let i = 0; i < length; i++) {
        const from = 2 * (indexes[i] ?? 0)
        data[2 * i] = vector.data[from] ?? 0n
        data[2 * i + 1] = vector.data[from + 1] ?? 0n
      }
      return { ...vector, length, validity, data }
    }
    case 'fixed': {
      const { widthBytes } = vector
      reserveMemory(widthBytes * length)
      const bytes = new Uint8Array(widthBytes * length)
      for (let i = 0; i < length; i++) {
        const from = widthBytes * (indexes[i] ?? 0)
        bytes.set(vector.bytes.subarray(from, from + widthBytes), i * widthBytes)
      }
      return { ...vector, length, validity, bytes }
    }
    case 'bytes':
      return takeBytes(vector, indexes, validity, reserveMemory)
    case 'dictionary':
      reserveMemory(4 * length)
      return { ...vector, length, validity, indexes: takeNumbers(vector.indexes, indexes) }
    case 'struct':
      return {
        ...vector,
        length,
        validity,
        fields: vector.fields.map((field) => takeValues(field, indexes, reserveMemory)),
      }
    case 'list': {
      const { offsets, entries } = takeEntries(vector.offsets, indexes, reserveMemory)
      return { ...vector, length, validity, offsets, element: takeValues(vector.element, entries, reserveMemory) }
    }
    case 'map': {
      const { offsets, entries } = takeEntries(vector.offsets, indexes, reserveMemory)
      const key = takeValues(vector.key, entries, reserveMemory)
      return { ...vector, length, validity, offsets, key, value: takeValues(vector.value, entries, reserveMemory) }
    }
  }
}

function takeValidity(
  validity: Uint8Array | null,
  indexes: Int32Array,
  reserveMemory: (bytes: number) => void,
): Uint8Array | null {
  if (validity === null) return null
  reserveMemory((indexes.length + 7) >> 3)
  const taken = new ValidityBuilder(indexes.length)
  for (let i = 0; i < indexes.length; i++) if (!isValid(validity, indexes[i] ?? 0)) taken.setNull(i)
  return taken.finish()
}

function takeNumbers<Numbers extends Uint8Array | Int32Array | Float32Array | Float64Array>(
  numbers: Numbers,
  indexes: Int32Array,
): Numbers {
  const taken = numbers.slice(0, indexes.length) as Numbers
  for (let i = 0; i < indexes.length; i++) taken[i] = numbers[indexes[i] ?? 0] ?? 0
  return taken
}

function takeBytes(
  vector: BytesVector,
  indexes: Int32Array,
  validity: Uint8Array | null,
  reserveMemory: (bytes: number) => void,
): BytesVector {
  reserveMemory(4 * (indexes.length + 1))
  const offsets = new Int32Array(indexes.length + 1)
  let size = 0
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] ?? 0
    size += (vector.offsets[index + 1] ?? 0) - (vector.offsets[index] ?? 0)
    offsets[i + 1] = size
  }
  reserveMemory(size)
  const bytes = new Uint8Array(size)
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] ?? 0
    bytes.set(vector.bytes.subarray(vector.offsets[index], vector.offsets[index + 1]), offsets[i])
  }
  return { kind: 'bytes', length: indexes.length, validity, offsets, bytes }
}

function takeEntries(
  offsets: Int32Array,
  indexes: Int32Array,
  reserveMemory: (bytes: number) => void,
): { offsets: Int32Array; entries: Int32Array } {
  reserveMemory(4 * (indexes.length + 1))
  const taken = new Int32Array(indexes.length + 1)
  let size = 0
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] ?? 0
    size += (offsets[index + 1] ?? 0) - (offsets[index] ?? 0)
    taken[i + 1] = size
  }
  reserveMemory(4 * size)
  const entries = new Int32Array(size)
  let at = 0
  for (const index of indexes) {
    for (let entry = offsets[index] ?? 0; entry < (offsets[index + 1] ?? 0); entry++) entries[at++] = entry
  }
  return { offsets: taken, entries }
}
