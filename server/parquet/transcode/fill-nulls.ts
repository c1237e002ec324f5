import 'server-only'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { valueAt } from '@/lib/parquet/values'
import { type DecodedPage, MAX_PAGE_MEMORY_BYTES } from './decode-pages'
import { listRowNumbers, type RowNumbers } from './row-numbers'

/** Whether nulls of a column can be filled: it has one 64-bit integer or a null for each row. */
export function canFillNulls({ leaf, path, maxRepetition }: SchemaNode): boolean {
  return leaf?.physicalType === 'INT64' && path.length === 1 && maxRepetition === 0
}

/**
 * A page of such a column with a number in place of each null, PLAIN: a dictionary would lack these numbers. A page
 * without nulls stays as it is.
 *
 * @param firstRow of the page, in the file
 * @throws {DamagedParquet}, {OversizedParquet}
 */
export function fillNulls(page: DecodedPage, numbers: RowNumbers, firstRow: number): DecodedPage {
  const { header, definitions, values, nonNullCount } = page
  const { valueCount } = header
  if (definitions === null || nonNullCount === valueCount) return page
  // A page of nulls has almost no bytes, and may claim any number of them.
  if (valueCount * BigInt64Array.BYTES_PER_ELEMENT > MAX_PAGE_MEMORY_BYTES) {
    throw new OversizedParquet('a page of it has too many nulls')
  }
  const data = listRowNumbers(numbers, firstRow, valueCount)
  let next = 0
  for (let i = 0; i < valueCount; i++) {
    if (definitions[i] === 0) continue
    const value = valueAt(values, next++)
    if (typeof value !== 'bigint') throw new DamagedParquet('row ids are not 64-bit integers')
    data[i] = value
  }
  return {
    ...page,
    header: { ...header, encoding: 'PLAIN', nullCount: 0 },
    definitions: null,
    values: { kind: 'longs', data },
    valueBytes: new Uint8Array(data.buffer),
    nonNullCount: valueCount,
  }
}
