import { DamagedParquet } from '@/lib/parquet/errors'
import type { Indexes } from '@/lib/parquet/hybrid'
import { type ReserveMemory, valueCount, type Values } from '@/lib/parquet/values'
import { countDefined, type LeafLevels } from './leaf-spans'
import { type BytesVector, ValidityBuilder, type Vector } from './vector'

/**
 * The values of one Parquet column as they are stored; `toTableType` converts them. Strings and binaries stay a
 * dictionary if all of them come from one.
 *
 * | physical type | vector |
 * |---|---|
 * | BOOLEAN | boolean |
 * | INT32, INT64, FLOAT, DOUBLE | int32, int64, float32, float64 |
 * | INT96, FIXED_LEN_BYTE_ARRAY | fixed |
 * | BYTE_ARRAY | dictionary or bytes |
 *
 * @param minDefinition of the innermost list around the values: levels below it stand for an absent or empty list and
 *   have no value here; 0 outside lists
 * @throws {DamagedParquet} if pages have fewer values than their levels say; what `reserveMemory` throws
 */
export function readLeafVector(levels: LeafLevels, minDefinition: number, reserveMemory: ReserveMemory): Vector {
  const length = countDefined(levels, minDefinition)
  const sink = createSink(levels, length, reserveMemory)
  const validity = new ValidityBuilder(length)
  let at = 0
  for (const { page, from, to } of levels.spans) {
    const { definitions, values } = page.dataPage
    const { maxDefinition } = levels.node
    if (definitions === null || (page.valueIndexes === null && minDefinition <= maxDefinition)) {
      writeValues(sink, values, from, to - from, at)
      at += to - from
      continue
    }
    // Runs of nulls, of values, and of levels that have neither.
    for (let level = from, end = from; level < to; level = end) {
      const definition = definitions[level] ?? 0
      end = level + 1
      if (definition === maxDefinition) {
        while (end < to && definitions[end] === maxDefinition) end++
        writeValues(sink, values, page.valueIndexes?.[level] ?? level, end - level, at)
        at += end - level
      } else if (definition >= minDefinition) {
        while (end < to && isNullLevel(definitions[end] ?? 0, minDefinition, maxDefinition)) end++
        validity.setNulls(at, end - level)
        sink.skip(at, end - level)
        at += end - level
      }
    }
  }
  return sink.finish(validity.finish())
}

function isNullLevel(definition: number, minDefinition: number, maxDefinition: number): boolean {
  return definition >= minDefinition && definition < maxDefinition
}

/** Values of a page may consist of several parts, if a row spans pages. */
function writeValues(sink: Sink, values: Values, from: number, count: number, at: number): void {
  if (values.kind !== 'joined') {
    if (from + count > valueCount(values)) throw tooFewValuesError()
    if (count > 0) sink.write(values, from, count, at)
    return
  }
  let written = 0
  for (let index = lastAtMost(values.starts, from); written < count; index++) {
    const part = values.parts[index]
    if (!part) throw tooFewValuesError()
    const start = values.starts[index] ?? 0
    const partCount = Math.min(count - written, start + valueCount(part) - (from + written))
    if (partCount > 0) sink.write(part, from + written - start, partCount, at + written)
    written += partCount
  }
}

/** The index of the last of some ascending numbers that is at most `limit`; the first is. */
function lastAtMost(numbers: Uint32Array, limit: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((numbers[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** Receives values in order. */
type Sink = {
  write(values: Values, from: number, count: number, at: number): void
  /** For nulls. */
  skip(at: number, count: number): void
  finish(validity: Uint8Array | null): Vector
}

function createSink(levels: LeafLevels, length: number, reserveMemory: ReserveMemory): Sink {
  const { leaf } = levels.node
  switch (leaf?.physicalType) {
    case 'BOOLEAN': {
      reserveMemory(length)
      const data = new Uint8Array(length)
      return createArraySink(data, 'booleans', (validity) => ({ kind: 'boolean', length, validity, data }))
    }
    case 'INT32': {
      reserveMemory(4 * length)
      const data = new Int32Array(length)
      return createArraySink(data, 'numbers', (validity) => ({ kind: 'int32', length, validity, data }))
    }
    case 'FLOAT': {
      reserveMemory(4 * length)
      const data = new Float32Array(length)
      return createArraySink(data, 'numbers', (validity) => ({ kind: 'float32', length, validity, data }))
    }
    case 'DOUBLE': {
      reserveMemory(8 * length)
      const data = new Float64Array(length)
      return createArraySink(data, 'numbers', (validity) => ({ kind: 'float64', length, validity, data }))
    }
    case 'INT64': {
      reserveMemory(8 * length)
      const data = new BigInt64Array(length)
      return createArraySink(data, 'longs', (validity) => ({ kind: 'int64', length, validity, data }))
    }
    case 'INT96':
      return createFixedSink(12, length, reserveMemory)
    case 'FIXED_LEN_BYTE_ARRAY':
      return createFixedSink(leaf.lengthBytes, length, reserveMemory)
    case 'BYTE_ARRAY': {
      const dictionary = findDictionary(levels)
      return dictionary ? createIndexSink(dictionary, length, reserveMemory) : createBytesSink(length, reserveMemory)
    }
    case undefined:
      throw new DamagedParquet(`column ${levels.node.path.join('.')} holds no values`)
  }
}

type NumericArray = Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array

/**
 * Copies values by their bits, 32 at a time (8 for booleans): a 64-bit value that is read as a bigint takes many times
 * as long.
 */
function createArraySink(
  data: NumericArray,
  kind: 'booleans' | 'numbers' | 'longs',
  finish: (validity: Uint8Array | null) => Vector,
): Sink {
  const target = toWords(data)
  const wordsPerValue = target.length / Math.max(1, data.length) || 1
  let source: Words = target
  let sourceValues: Values | null = null
  return {
    write(values, from, count, at) {
      const stored = values.kind === 'indexed' ? values.dictionary : values
      if (stored !== sourceValues) {
        if (stored.kind !== kind || stored.data.constructor !== data.constructor) throw valuesMismatchError()
        source = toWords(stored.data)
        sourceValues = stored
      }
      if (values.kind !== 'indexed') {
        copyWords(source, from * wordsPerValue, target, at * wordsPerValue, count * wordsPerValue)
      } else if (wordsPerValue === 1) gather(source, values.indexes, from, count, target, at)
      else gatherPairs(source, values.indexes, from, count, target, at)
    },
    skip: () => undefined,
    finish,
  }
}

type Words = Uint8Array | Int32Array

function toWords(data: NumericArray): Words {
  return data instanceof Uint8Array ? data : new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4)
}

/** Up to this, a loop costs less than the call of `set`. */
const SHORT_COPY_WORDS = 64

function copyWords(source: Words, from: number, target: Words, to: number, count: number): void {
  if (count > SHORT_COPY_WORDS) target.set(source.subarray(from, from + count), to)
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i] ?? 0
}

/** Copies the values at `indexes[from, from + count)`. */
function gather(source: Words, indexes: Indexes, from: number, count: number, target: Words, at: number): void {
  for (let i = 0; i < count; i++) target[at + i] = source[indexes[from + i] ?? 0] ?? 0
}

/** Like {@link gather}, for values of two words. */
function gatherPairs(source: Words, indexes: Indexes, from: number, count: number, target: Words, at: number): void {
  for (let i = 0; i < count; i++) {
    const index = 2 * (indexes[from + i] ?? 0)
    target[2 * (at + i)] = source[index] ?? 0
    target[2 * (at + i) + 1] = source[index + 1] ?? 0
  }
}

/** Values of one width, one after another. */
function createFixedSink(widthBytes: number, length: number, reserveMemory: ReserveMemory): Sink {
  reserveMemory(widthBytes * length)
  const bytes = new Uint8Array(widthBytes * length)
  return {
    write(values, from, count, at) {
      if (values.kind === 'fixed') {
        bytes.set(values.bytes.subarray(from * widthBytes, (from + count) * widthBytes), at * widthBytes)
        return
      }
      const stored = values.kind === 'indexed' ? values.dictionary : values
      if (stored.kind !== 'fixed' && stored.kind !== 'byteArrays') throw valuesMismatchError()
      for (let i = 0; i < count; i++) {
        const index = values.kind === 'indexed' ? (values.indexes[from + i] ?? 0) : from + i
        const [start, end] = rangeOf(stored, index)
        if (end - start !== widthBytes) throw new DamagedParquet(`a value is not ${widthBytes} bytes long`)
        bytes.set(stored.bytes.subarray(start, end), (at + i) * widthBytes)
      }
    },
    skip: () => undefined,
    finish: (validity) => ({ kind: 'fixed', length, validity, widthBytes, bytes }),
  }
}

type ByteValues = Extract<Values, { kind: 'fixed' | 'byteArrays' }>

function rangeOf(values: ByteValues, index: number): [start: number, end: number] {
  return values.kind === 'fixed'
    ? [index * values.lengthBytes, (index + 1) * values.lengthBytes]
    : [values.starts[index] ?? 0, values.ends[index] ?? 0]
}

/** Offsets are 32 bits wide, as in Arrow's string and binary. */
const MAX_TOTAL_BYTES = 2 ** 31 - 1

function createBytesSink(length: number, reserveMemory: ReserveMemory): Sink {
  reserveMemory(4 * (length + 1))
  const offsets = new Int32Array(length + 1)
  let bytes = new Uint8Array(0)
  let end = 0
  const grow = (full: Uint8Array, neededBytes: number): Uint8Array<ArrayBuffer> => {
    const capacity = Math.min(MAX_TOTAL_BYTES, Math.max(neededBytes, full.length * 2, 1024))
    if (neededBytes > capacity) throw new DamagedParquet('the values of a column are longer than 2 GiB')
    reserveMemory(capacity - full.length)
    const grown = new Uint8Array(capacity)
    grown.set(full)
    return grown
  }
  return {
    write(values, from, count, at) {
      const stored = values.kind === 'indexed' ? values.dictionary : values
      if (stored.kind !== 'byteArrays') throw valuesMismatchError()
      const { bytes: source, starts, ends } = stored
      const indexes = values.kind === 'indexed' ? values.indexes : null
      let target = bytes
      let to = end
      for (let i = 0; i < count; i++) {
        const index = indexes === null ? from + i : (indexes[from + i] ?? 0)
        const start = starts[index] ?? 0
        const valueBytes = (ends[index] ?? 0) - start
        if (to + valueBytes > target.length) target = grow(target, to + valueBytes)
        copyBytes(source, start, target, to, valueBytes)
        to += valueBytes
        offsets[at + i + 1] = to
      }
      bytes = target
      end = to
    },
    skip(at, count) {
      offsets.fill(end, at + 1, at + count + 1)
    },
    finish: (validity) => ({ kind: 'bytes', length, validity, offsets, bytes: bytes.subarray(0, end) }),
  }
}

/** The dictionary that all values refer to, if there is one. */
function findDictionary({ spans }: LeafLevels): Values | null {
  let dictionary: Values | null = null
  const parts = spans.flatMap(({ page: { dataPage } }) =>
    dataPage.values.kind === 'joined' ? dataPage.values.parts : [dataPage.values],
  )
  for (const part of parts) {
    if (part.kind !== 'indexed' || (dictionary !== null && part.dictionary !== dictionary)) return null
    dictionary = part.dictionary
  }
  return dictionary
}

/** Several columns chunks and pages refer to one dictionary, which is copied once. */
const COPIED_DICTIONARIES = new WeakMap<Values, BytesVector>()

function createIndexSink(dictionary: Values, length: number, reserveMemory: ReserveMemory): Sink {
  reserveMemory(4 * length)
  const indexes = new Int32Array(length)
  return {
    write(values, from, count, at) {
      if (values.kind !== 'indexed') throw valuesMismatchError()
      indexes.set(values.indexes.subarray(from, from + count), at)
    },
    skip: () => undefined,
    finish: (validity) => ({
      kind: 'dictionary',
      length,
      validity,
      indexes,
      dictionary: copyDictionary(dictionary, reserveMemory),
    }),
  }
}

/** Up to this, a loop costs less than the call of `set`. */
const SHORT_COPY_BYTES = 48

function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, count: number): void {
  if (count > SHORT_COPY_BYTES) target.set(source.subarray(from, from + count), to)
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i] ?? 0
}

function copyDictionary(dictionary: Values, reserveMemory: ReserveMemory): BytesVector {
  const copied = COPIED_DICTIONARIES.get(dictionary)
  if (copied) return copied
  const count = valueCount(dictionary)
  const sink = createBytesSink(count, reserveMemory)
  sink.write(dictionary, 0, count, 0)
  const vector = sink.finish(null)
  if (vector.kind !== 'bytes') throw valuesMismatchError()
  COPIED_DICTIONARIES.set(dictionary, vector)
  return vector
}

function tooFewValuesError(): DamagedParquet {
  return new DamagedParquet('a page has fewer values than its levels say')
}

function valuesMismatchError(): DamagedParquet {
  return new DamagedParquet("a page's values are not of its column's type")
}
