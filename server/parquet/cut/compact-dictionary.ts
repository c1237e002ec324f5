import 'server-only'
import type { Values } from '@/lib/parquet/values'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { plainValueAt, type ValueRange } from '@/lib/parquet/write/encode-values'

export type IndexedValues = Extract<Values, { kind: 'indexed' }>

/**
 * A dictionary of some values of column chunks that have dictionaries themselves: it has only the entries of these
 * values, each of them once, in the order in which they are added.
 */
export class CompactDictionary {
  readonly #maxCount: number
  readonly #plain = new ByteWriter()
  #count = 0
  /** The dictionary that the last values had, and by its entries their new index plus one; 0 for none. */
  #source: Values | null = null
  #newIndexes = new Uint32Array(0)
  /** By the bytes of an entry. It is made for the second dictionary: most chunks have rows of one. */
  #byBytes: Map<string, number> | null = null
  /** Bytes of the values without a dictionary. */
  plainValueBytes = 0

  /** @param valueCount of all values that will be added */
  constructor(valueCount: number) {
    this.#maxCount = valueCount
  }

  get count(): number {
    return this.#count
  }

  /** The entries in the PLAIN encoding. */
  get plain(): Uint8Array {
    return this.#plain.written()
  }

  /** @returns the new indexes of the values */
  add({ indexes, dictionary }: IndexedValues, { start, end }: ValueRange): Uint16Array | Uint32Array {
    if (dictionary !== this.#source) this.#changeSource(dictionary)
    const added = this.#maxCount <= 0xffff ? new Uint16Array(end - start) : new Uint32Array(end - start)
    const newIndexes = this.#newIndexes
    for (let i = start; i < end; i++) {
      const index = indexes[i] ?? 0
      let known = newIndexes[index] ?? 0
      if (known === 0) {
        known = this.#addEntry(dictionary, index) + 1
        newIndexes[index] = known
      }
      added[i - start] = known - 1
    }
    this.plainValueBytes += countPlainBytes(indexes, dictionary, { start, end })
    return added
  }

  #changeSource(dictionary: Values): void {
    if (this.#source !== null && this.#byBytes === null) {
      this.#byBytes = new Map()
      for (const [index, known] of this.#newIndexes.entries())
        if (known > 0) this.#byBytes.set(bytesKey(this.#source, index), known - 1)
    }
    this.#source = dictionary
    this.#newIndexes = new Uint32Array(entryCount(dictionary))
  }

  #addEntry(dictionary: Values, index: number): number {
    const key = this.#byBytes && bytesKey(dictionary, index)
    const known = key === null ? undefined : this.#byBytes?.get(key)
    if (known !== undefined) return known
    if (key !== null) this.#byBytes?.set(key, this.#count)
    writeEntry(dictionary, index, this.#plain)
    return this.#count++
  }
}

function entryCount(dictionary: Values): number {
  switch (dictionary.kind) {
    case 'byteArrays':
      return dictionary.starts.length
    case 'fixed':
      return dictionary.count
    case 'numbers':
    case 'longs':
    case 'booleans':
      return dictionary.data.length
    default:
      throw new Error(`a dictionary of ${dictionary.kind} values`)
  }
}

function writeEntry(dictionary: Values, index: number, out: ByteWriter): void {
  if (dictionary.kind === 'byteArrays') {
    const [start, end] = [dictionary.starts[index] ?? 0, dictionary.ends[index] ?? 0]
    out.int32(end - start)
    out.bytes(dictionary.bytes.subarray(start, end))
  } else out.bytes(plainValueAt(dictionary, index))
}

function bytesKey(dictionary: Values, index: number): string {
  const bytes = plainValueAt(dictionary, index)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function countPlainBytes(indexes: IndexedValues['indexes'], dictionary: Values, { start, end }: ValueRange): number {
  if (dictionary.kind === 'fixed') return (end - start) * dictionary.lengthBytes
  if (dictionary.kind === 'numbers' || dictionary.kind === 'longs')
    return (end - start) * dictionary.data.BYTES_PER_ELEMENT
  if (dictionary.kind !== 'byteArrays') return 0
  const { starts, ends } = dictionary
  let total = 4 * (end - start)
  for (let i = start; i < end; i++) total += (ends[indexes[i] ?? 0] ?? 0) - (starts[indexes[i] ?? 0] ?? 0)
  return total
}
