import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import { readBloomFilter } from '@/lib/parquet/bloom-filter'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, withFileName } from '@/lib/parquet/errors'
import type { ColumnChunk, ParquetFooter, RowGroup } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { BoundCondition } from '../predicate/predicate'
import { UnfitLiteral } from '../predicate/literal'
import { toStoredRange } from '../prune/parquet-range'
import { mightMatchRange } from '../predicate/value-range'
import { parsePlainValue, type PlainValue } from './plain-value'

/** The row groups of a file that might hold a value, by the bloom filters of a column and by its bounds alone. */
export type BloomTest = {
  /** Row groups that a reader with both bloom filters and bounds has to read. */
  groups: readonly number[]
  /** Row groups that a reader without bloom filters has to read. */
  groupsByBounds: readonly number[]
  /** Row groups whose filter was tested; the others have none that can be read. */
  testedCount: number
  groupCount: number
}

/** Filters read at the same time. */
const MAX_PARALLEL_READS = 4

/**
 * Tests a value against the bloom filters of a column in all row groups.
 *
 * @param text the value in the words of the column's type, as `parsePlainValue` reads it
 * @throws {AppError} invalid-request when the text is not a value of the column; file-damaged, naming the file
 */
export async function testBloomFilters(
  source: ByteSource,
  { leaves, rowGroups, hasTypeOrder }: Pick<ParquetFooter, 'leaves' | 'rowGroups' | 'hasTypeOrder'>,
  leaf: number,
  text: string,
  signal?: AbortSignal,
): Promise<BloomTest> {
  const node = leaves[leaf]
  if (!node) throw new AppError('invalid-request', 'The file has no such column.')
  const plain = parseOrReject(node, text)
  const results = await withFileName(source.name, () =>
    pMap(
      rowGroups,
      async (group) => {
        signal?.throwIfAborted()
        const chunk = group.columns[leaf]
        if (!chunk) throw new DamagedParquet('a row group lacks a column')
        if (plain.encodings.length === 0) return { isInBounds: false, mightHold: false }
        const isInBounds = mightBeInBounds(plain, node, chunk, group, hasTypeOrder[leaf] === true)
        const filter = await readBloomFilter(source, chunk, signal)
        return { isInBounds, mightHold: filter && plain.encodings.some((bytes) => filter.mightHold(bytes)) }
      },
      { concurrency: MAX_PARALLEL_READS },
    ),
  )
  const indexesWhere = (holds: (result: (typeof results)[number]) => boolean) =>
    results.flatMap((result, index) => (holds(result) ? [index] : []))
  return {
    groups: indexesWhere(({ isInBounds, mightHold }) => isInBounds && mightHold !== false),
    groupsByBounds: indexesWhere(({ isInBounds }) => isInBounds),
    testedCount: results.filter(({ mightHold }) => mightHold !== null).length,
    groupCount: rowGroups.length,
  }
}

function parseOrReject(node: SchemaNode, text: string): PlainValue {
  try {
    return parsePlainValue(node, text)
  } catch (error) {
    if (error instanceof UnfitLiteral) {
      throw new AppError('invalid-request', `The value cannot be tested: ${error.message}.`, {
        facts: { column: node.path.join('.') },
      })
    }
    throw error
  }
}

function mightBeInBounds(
  { value: tested }: PlainValue,
  node: SchemaNode,
  { statistics, valueCount }: ColumnChunk,
  { rowCount }: RowGroup,
  hasTypeOrder: boolean,
): boolean {
  if (tested === null || statistics === null || valueCount !== rowCount) return true
  const { type, value } = tested
  const { nullCount, min, max, signedMin, signedMax } = statistics
  const isSignedOnly = min === null || max === null
  const range = toStoredRange(node, type, {
    rowCount,
    nullCount,
    min: isSignedOnly ? signedMin : min,
    max: isSignedOnly ? signedMax : max,
    order: !isSignedOnly && hasTypeOrder ? 'type' : 'signed',
  })
  const name = node.path.join('.')
  const field = { id: 0, name, required: false, type }
  const condition: BoundCondition = { kind: 'eq', column: { fieldId: 0, name, type, field, depth: 0 }, value }
  return mightMatchRange(condition, range)
}
