import type { NestedField } from '@/lib/iceberg/schema/types'
import { readBloomFilter } from '@/lib/parquet/bloom-filter'
import { readColumnIndex } from '@/lib/parquet/column-index'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import type { ColumnChunk, RowGroup } from '@/lib/parquet/footer'
import { readOffsetIndex } from '@/lib/parquet/offset-index'
import { readDictionary, readPageHeader } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { type ReserveMemory, valueAt, valueCount, type Values } from '@/lib/parquet/values'
import type { OpenParquetFile } from '../read/data-file'
import { toTableType } from '../read/to-table-type'
import type { Vector } from '../read/vector'
import { matchRows } from '../predicate/match-rows'
import {
  type BoundColumn,
  type BoundCondition,
  type BoundPredicate,
  conditionsOf,
  evaluate,
} from '../predicate/predicate'
import { primitiveOf } from '../predicate/value-test'
import { toPlainValues, toStoredRange } from './parquet-range'
import { intersectRanges, joinRanges, type RowRange, uniteRanges } from './row-ranges'
import { mightMatchRange } from '@/lib/scan/predicate/value-range'

/** The part of a file that proves that rows cannot match. */
export type RowSkipReason = 'statistics' | 'bloom-filter' | 'dictionary' | 'page-index'

export type PrunedRowGroup = {
  /** Rows of the row group that might match, in order. */
  ranges: readonly RowRange[]
  /** The index that skipped the others; null if all rows might match. */
  reason: RowSkipReason | null
}

export type PruneOptions = {
  reserveMemory: ReserveMemory
  signal?: AbortSignal | undefined
  /** The indexes to use; all by default. */
  use?: readonly RowSkipReason[]
}

/** A larger dictionary would cost more to read than it may save. */
export const MAX_DICTIONARY_BYTES = 1024 * 1024
const ALL: readonly RowSkipReason[] = ['statistics', 'bloom-filter', 'dictionary', 'page-index']

/**
 * The rows of a row group that might match, by its statistics, bloom filters, dictionaries and page index, cheapest
 * first. A damaged index is ignored: the rows themselves decide.
 *
 * @throws {AppError} of the source
 */
export async function pruneRowGroup(
  predicate: BoundPredicate,
  file: OpenParquetFile,
  groupIndex: number,
  { reserveMemory, signal, use = ALL }: PruneOptions,
): Promise<PrunedRowGroup> {
  const group = file.footer.rowGroups[groupIndex]
  if (!group) throw new DamagedParquet(`it has no row group ${groupIndex}`)
  const all = [{ from: 0, to: group.rowCount }]
  const impossible = new Set<BoundCondition>()
  const conditions = conditionsOf(predicate)
  const chunkOf = (column: BoundColumn): Chunk | null => findChunk(column, file, group)
  const read: ReadContext = { file, reserveMemory, signal }

  const stages: [RowSkipReason, (condition: BoundCondition, chunk: Chunk) => boolean | Promise<boolean>][] = [
    ['statistics', (condition, chunk) => mightMatchStatistics(condition, chunk, file, group)],
    ['bloom-filter', (condition, chunk) => mightMatchBloomFilter(condition, chunk, read)],
    ['dictionary', (condition, chunk) => mightMatchDictionary(condition, chunk, read)],
  ]
  for (const [reason, mightMatch] of stages) {
    if (!use.includes(reason)) continue
    for (const condition of conditions) {
      const chunk = impossible.has(condition) ? null : chunkOf(condition.column)
      if (chunk && !(await orUnknown(() => mightMatch(condition, chunk), true))) impossible.add(condition)
    }
    if (!evaluate(predicate, (condition) => !impossible.has(condition))) return { ranges: [], reason }
  }
  if (!use.includes('page-index')) return { ranges: all, reason: null }

  const rangesByCondition = new Map<BoundCondition, readonly RowRange[]>()
  for (const condition of conditions) {
    const chunk = chunkOf(condition.column)
    const pages = chunk && (await orUnknown(() => readPageRanges(condition, chunk, group, read), all))
    rangesByCondition.set(condition, impossible.has(condition) ? [] : (pages ?? all))
  }
  const ranges = combineRanges(predicate, all, (condition) => rangesByCondition.get(condition) ?? all)
  const rowCount = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  return { ranges, reason: rowCount < group.rowCount ? 'page-index' : null }
}

type Chunk = { node: SchemaNode; chunk: ColumnChunk }
type ReadContext = { file: OpenParquetFile; reserveMemory: ReserveMemory; signal: AbortSignal | undefined }

/** The column of the file, matched by field id at every depth; null if the file does not have it. */
function findChunk(
  { field, depth }: BoundColumn,
  { footer, fieldIdOf }: OpenParquetFile,
  group: RowGroup,
): Chunk | null {
  let requested: NestedField | undefined = field
  let node = footer.schema.children.find((child) => fieldIdOf(child) === field.id)
  for (let i = 0; i < depth; i++) {
    requested =
      typeof requested?.type !== 'string' && requested?.type.type === 'struct' ? requested.type.fields[0] : undefined
    const fieldId = requested?.id
    node = node?.children.find((child) => fieldIdOf(child) === fieldId)
  }
  if (!node?.leaf || node.maxRepetition > 0) return null
  const chunk = group.columns[node.leaf.index]
  return chunk && !chunk.isEncrypted ? { node, chunk } : null
}

function mightMatchStatistics(
  condition: BoundCondition,
  { node, chunk }: Chunk,
  { footer }: OpenParquetFile,
  { rowCount }: RowGroup,
): boolean {
  const { statistics } = chunk
  if (statistics === null || chunk.valueCount !== rowCount) return true
  const { nullCount, min, max, signedMin, signedMax } = statistics
  // A count of nothing but nulls is not believed next to a bound.
  const isContradictory = nullCount === rowCount && [min, max, signedMin, signedMax].some((bound) => bound !== null)
  const counts = { rowCount, nullCount: isContradictory ? null : nullCount }
  const hasTypeOrder = footer.hasTypeOrder[chunk.leaf] === true
  const range =
    min !== null && max !== null
      ? toStoredRange(node, condition.column.type, { ...counts, min, max, order: hasTypeOrder ? 'type' : 'signed' })
      : toStoredRange(node, condition.column.type, { ...counts, min: signedMin, max: signedMax, order: 'signed' })
  return mightMatchRange(condition, range)
}

async function mightMatchBloomFilter(
  condition: BoundCondition,
  { node, chunk }: Chunk,
  { file, signal }: ReadContext,
): Promise<boolean> {
  if (chunk.bloomFilter === null || (condition.kind !== 'eq' && condition.kind !== 'in')) return true
  const values = 'values' in condition ? condition.values : [condition.value]
  const plainValues = values.map((value) => toPlainValues(node, primitiveOf(condition), value))
  if (plainValues.includes(null)) return true
  const filter = await readBloomFilter(file.source, chunk, signal)
  return filter === null || plainValues.some((plain) => plain?.some((bytes) => filter.mightHold(bytes)))
}

async function mightMatchDictionary(
  condition: BoundCondition,
  { node, chunk }: Chunk,
  read: ReadContext,
): Promise<boolean> {
  // Nulls are not in the dictionary.
  if (condition.kind === 'is-null' || condition.kind === 'not-null' || !isAllDictionary(chunk)) return true
  const { startOffset, dataPageOffset } = chunk
  const lengthBytes = dataPageOffset - startOffset
  if (lengthBytes <= 0 || lengthBytes > MAX_DICTIONARY_BYTES) return true
  const { file, reserveMemory, signal } = read
  const bytes = await file.source.read(startOffset, dataPageOffset, signal)
  const header = readPageHeader(bytes, 0)
  if (header.kind !== 'dictionary') return true
  const compression = { codec: chunk.codec, codecs: file.codecs }
  const values = readDictionary(header, bytes.subarray(header.start, header.end), node, compression, reserveMemory)
  const stored = toVector(values)
  if (stored === null) return true
  const vector = toTableType(primitiveOf(condition), node, reserveMemory)(stored)
  const inner = { ...condition, column: { ...condition.column, depth: 0 } }
  return matchRows(inner, () => vector, vector.length).includes(1)
}

/** Whether all values are in the dictionary. Without counts of pages, only version 1 of the format says so. */
function isAllDictionary({ isAllDictionary: isCounted, encodings }: ColumnChunk): boolean {
  if (isCounted !== null) return isCounted
  const isV1 = encodings.includes('PLAIN_DICTIONARY')
  return isV1 && encodings.every((encoding) => ['PLAIN_DICTIONARY', 'RLE', 'BIT_PACKED'].includes(encoding))
}

function toVector(values: Values): Vector | null {
  const base = { length: valueCount(values), validity: null }
  switch (values.kind) {
    case 'numbers': {
      const { data } = values
      if (data instanceof Int32Array) return { ...base, kind: 'int32', data }
      return data instanceof Float32Array ? { ...base, kind: 'float32', data } : { ...base, kind: 'float64', data }
    }
    case 'longs':
      return { ...base, kind: 'int64', data: values.data }
    case 'fixed':
      return { ...base, kind: 'fixed', widthBytes: values.lengthBytes, bytes: values.bytes }
    case 'byteArrays': {
      const parts = Array.from({ length: base.length }, (_, i) => valueAt(values, i))
      const offsets = new Int32Array(base.length + 1)
      parts.forEach((part, i) => (offsets[i + 1] = (offsets[i] ?? 0) + (part instanceof Uint8Array ? part.length : 0)))
      const bytes = new Uint8Array(offsets.at(-1) ?? 0)
      parts.forEach((part, i) => part instanceof Uint8Array && bytes.set(part, offsets[i]))
      return { ...base, kind: 'bytes', offsets, bytes }
    }
    case 'booleans':
    case 'indexed':
    case 'joined':
      return null
  }
}

/** The rows of pages that might match, by the column index. */
async function readPageRanges(
  condition: BoundCondition,
  { node, chunk }: Chunk,
  { rowCount }: RowGroup,
  { file, reserveMemory, signal }: ReadContext,
): Promise<RowRange[]> {
  const { columnIndex, offsetIndex } = chunk
  if (columnIndex === null || offsetIndex === null) return [{ from: 0, to: rowCount }]
  reserveMemory(columnIndex.lengthBytes + offsetIndex.lengthBytes)
  const spans = [columnIndex, offsetIndex].map(({ offset, lengthBytes }) => ({
    start: offset,
    end: offset + lengthBytes,
  }))
  const [columnBytes, offsetBytes] = await file.source.readSpans(spans, signal)
  if (!columnBytes || !offsetBytes) throw new DamagedParquet('a page index was not read')
  const { pages } = readColumnIndex(columnBytes)
  const firstRows = readOffsetIndex(offsetBytes).map(({ firstRow }) => firstRow)
  const isOrdered = firstRows.every((firstRow, i) => (i === 0 ? firstRow === 0 : firstRow >= (firstRows[i - 1] ?? 0)))
  if (pages.length !== firstRows.length || !isOrdered) {
    throw new DamagedParquet('a column index and an offset index have different pages')
  }
  const order = file.footer.hasTypeOrder[chunk.leaf] === true ? 'type' : 'signed'
  const ranges = pages.map((page, i): RowRange => {
    const range = { from: firstRows[i] ?? 0, to: Math.min(rowCount, firstRows[i + 1] ?? rowCount) }
    const count = range.to - range.from
    const { isNull, min, max } = page
    const nullCount = page.nullCount ?? (isNull ? count : null)
    // Bounds contradict a page of nulls, and so does a count of other values.
    const hasBounds = min !== null || max !== null
    if (nullCount === count ? hasBounds : isNull) return range
    const stored = toStoredRange(node, condition.column.type, { rowCount: count, nullCount, min, max, order })
    return mightMatchRange(condition, stored) ? range : { from: range.from, to: range.from }
  })
  return joinRanges(ranges)
}

function combineRanges(
  predicate: BoundPredicate,
  all: readonly RowRange[],
  rangesOf: (condition: BoundCondition) => readonly RowRange[],
): readonly RowRange[] {
  switch (predicate.kind) {
    case 'true':
      return all
    case 'false':
      return []
    case 'and':
      return predicate.parts.map((part) => combineRanges(part, all, rangesOf)).reduce(intersectRanges, all)
    case 'or':
      return predicate.parts.map((part) => combineRanges(part, all, rangesOf)).reduce(uniteRanges, [])
    default:
      return rangesOf(predicate)
  }
}

/** The result of an index, or `unknown` when it is damaged. Failures to read are thrown. */
async function orUnknown<T>(work: () => T | Promise<T>, unknown: T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isDamage = [DamagedParquet, UnsupportedParquet, RangeError].some((Kind) => error instanceof Kind)
    if (isDamage) return unknown
    throw error
  }
}
