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

/** The same value in every row. */
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
