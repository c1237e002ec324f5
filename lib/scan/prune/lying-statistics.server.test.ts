import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NestedField, PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { ColumnChunk, RowGroup } from '@/lib/parquet/footer'
import { readOffsetIndex } from '@/lib/parquet/offset-index'
import { arbitraryLie, boundsWithLie, type Lie } from '@/testing/iceberg/lying-bounds'
import { arbitraryValue, COMPARABLE_TYPES, type ComparableType } from '@/testing/iceberg/sample-values'
import { arbitraryPredicate, decide } from '@/testing/iceberg/sql-predicate'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { bool, int, list, writeStruct, type Written } from '@/testing/parquet/thrift-writer'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { propertyRuns } from '@/testing/property-cases'
import { DELETE_FILE_PATH_ID, mightNameFile } from '../deletes/position-deletes'
import { bindPredicate } from '../predicate/bind-predicate'
import type { Predicate } from '../predicate/predicate'
import { openParquetFile, type OpenParquetFile } from '../read/data-file'
import { findMatches } from './find-matches'

/**
 * Parquet files whose statistics and column indexes lie in ways that contradict themselves or cannot be read, as their
 * bytes say. The rows that match have to be those that SQL says.
 */

/** `miscounted`: all are nulls, next to bounds; `denied`: a page of nulls, next to bounds or a count of other values. */
type CountLie = 'true' | 'absent' | 'negative' | 'miscounted' | 'denied'
type RangeLies = { bounds: Lie; nulls: CountLie }
type Sample = {
  oldType: ComparableType
  type: ComparableType
  values: readonly (Value | null)[]
  predicate: Predicate
  chunk: RangeLies
  pages: readonly RangeLies[]
  hasNullCounts: boolean
}

const PROMOTIONS: readonly (readonly [ComparableType, ComparableType])[] = [
  ['int', 'long'],
  ['float', 'double'],
  ['date', 'timestamp'],
]
/** Decimals have other bytes in Parquet than in manifests. */
const TYPES: readonly (readonly [ComparableType, ComparableType])[] = [
  ...COMPARABLE_TYPES.filter((type) => !type.startsWith('decimal')).map((type) => [type, type] as const),
  ...PROMOTIONS,
]
const MAX_PAGES = 4
const PAGE_ROWS = 3

const rangeLies: fc.Arbitrary<RangeLies> = fc.record({
  bounds: arbitraryLie,
  nulls: fc.constantFrom('true', 'true', 'absent', 'negative', 'miscounted', 'denied'),
})
function samplesOf(types: typeof TYPES): fc.Arbitrary<Sample> {
  return fc.constantFrom(...types).chain(([oldType, type]) =>
    fc.record({
      oldType: fc.constant(oldType),
      type: fc.constant(type),
      values: fc.array(fc.option(arbitraryValue(oldType), { freq: 3 }), {
        minLength: 1,
        maxLength: MAX_PAGES * PAGE_ROWS,
      }),
      predicate: arbitraryPredicate([type]),
      chunk: rangeLies,
      pages: fc.array(rangeLies, { minLength: MAX_PAGES, maxLength: MAX_PAGES }),
      hasNullCounts: fc.boolean(),
    }),
  )
}

const TRUE: RangeLies = { bounds: 'none', nulls: 'true' }
const NO_VALUE: RangeLies = { bounds: 'no-value', nulls: 'true' }
const ONE_TEXT: Sample = {
  oldType: 'string',
  type: 'string',
  values: ['äöü'],
  predicate: { kind: 'eq', column: 'c0', value: 'äöü' },
  chunk: TRUE,
  pages: [TRUE],
  hasNullCounts: true,
}
/** Bounds of a row group and of a page that are not UTF-8. */
const NOT_UTF8: readonly Sample[] = [
  { ...ONE_TEXT, chunk: NO_VALUE },
  { ...ONE_TEXT, pages: [NO_VALUE] },
]

function promote({ oldType, type }: Sample, value: Value | null): Value | null {
  if (value === null || oldType === type) return value
  if (type === 'double') return value
  return type === 'long' ? BigInt(Number(value)) : BigInt(Number(value)) * 86_400_000_000n
}

const field = (type: PrimitiveType): NestedField => ({ id: 1, name: 'c0', required: false, type })
const bytesOf = (bytes: Uint8Array | null): Written => ({ type: 'bytes', value: bytes ?? new Uint8Array(0) })

/** The file with its own statistics and indexes replaced by others. */
async function openLyingFile(sample: Sample): Promise<OpenParquetFile> {
  const { oldType, values } = sample
  const plain = encodeColumns([{ field: field(oldType), values }])
  const { bytes } = await transcodeBytes('a.parquet', plain, { ...SMALL_PAGES, maxPageRows: PAGE_ROWS })
  let appended: Uint8Array = new Uint8Array(0)
  const source = {
    name: 'a.parquet',
    byteLength: bytes.length,
    read: async (start: number, end: number) =>
      start >= bytes.length ? appended.slice(start - bytes.length, end - bytes.length) : bytes.slice(start, end),
  }
  const file = await openParquetFile(
    source,
    { recordCount: values.length, constants: new Map(), nameMapping: null },
    { codecs: pageCodecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: bytes.length },
  )
  const [group] = file.footer.rowGroups
  const [chunk] = group?.columns ?? []
  if (!group || !chunk?.offsetIndex) throw new Error('the file has no page index')
  const { offset, lengthBytes } = chunk.offsetIndex
  const firstRows = readOffsetIndex(bytes.slice(offset, offset + lengthBytes)).map(({ firstRow }) => firstRow)
  appended = writeColumnIndex(
    sample,
    firstRows.map((firstRow, i) => values.slice(firstRow, firstRows[i + 1] ?? values.length)),
  )
  const columns: ColumnChunk[] = [
    {
      ...chunk,
      statistics: toStatistics(sample),
      columnIndex: { offset: bytes.length, lengthBytes: appended.length },
    },
  ]
  const rowGroups: RowGroup[] = [{ ...group, columns }]
  return { ...file, rowGroups, footer: { ...file.footer, rowGroups } }
}

function toStatistics({ oldType, values, chunk }: Sample): ColumnChunk['statistics'] {
  const { lower: min, upper: max } = boundsWithLie(oldType, values, chunk.bounds)
  const nullCount = countOf(chunk.nulls, values, min !== null || max !== null)
  return { nullCount, distinctCount: null, min, max, signedMin: null, signedMax: null }
}

function countOf(lie: CountLie, values: readonly (Value | null)[], hasBounds: boolean): number | null {
  if (lie === 'absent') return null
  if (lie === 'negative') return -1
  if (lie === 'miscounted' && hasBounds) return values.length
  return values.filter((value) => value === null).length
}

function writeColumnIndex({ oldType, pages: lies, hasNullCounts }: Sample, pages: readonly (Value | null)[][]) {
  const written = pages.map((values, i) => {
    const { bounds: lie, nulls } = lies[i] ?? { bounds: 'none', nulls: 'true' }
    const { lower, upper } = boundsWithLie(oldType, values, lie)
    const hasBounds = lower !== null || upper !== null
    const isAllNull = values.every((value) => value === null)
    const isNull = isAllNull || (nulls === 'denied' && (hasBounds || hasNullCounts))
    // The counts of pages are all there or absent.
    const nullCount = countOf(nulls === 'absent' ? 'true' : nulls, values, hasBounds) ?? 0
    return { isNull, lower, upper, nullCount }
  })
  return writeStruct({
    1: list(...written.map(({ isNull }) => bool(isNull))),
    2: list(...written.map(({ lower }) => bytesOf(lower))),
    3: list(...written.map(({ upper }) => bytesOf(upper))),
    4: int(0),
    ...(hasNullCounts && { 5: list(...written.map(({ nullCount }) => int(nullCount))) }),
  })
}

it('Statistics and indexes that contradict themselves or cannot be read hide no row', async () => {
  const runs = propertyRuns(1000)
  let [skipped, found] = [0, 0]
  await fc.assert(
    fc.asyncProperty(samplesOf(TYPES), async (sample) => {
      const file = await openLyingFile(sample)
      const bound = bindPredicate(sample.predicate, { fields: [field(sample.type)] })
      const positions: number[] = []
      for await (const group of findMatches(bound, file, { createBudget: () => () => undefined })) {
        positions.push(...group.positions)
        skipped += group.skippedRows
      }
      const expected = sample.values.flatMap((value, position) =>
        decide(sample.predicate, [promote(sample, value)], [sample.type]) === true ? [position] : [],
      )
      found += positions.length
      expect(positions).toEqual(expected)
    }),
    { ...runs, examples: NOT_UTF8.map((sample): [Sample] => [sample]) },
  )
  // Otherwise the property would be true of a reader that skips nothing, or finds nothing.
  expect(skipped).toBeGreaterThan(runs.numRuns / 2)
  expect(found).toBeGreaterThan(runs.numRuns)
})

it('Bounds of the paths in a delete file that contradict themselves or cannot be read hide no path', async () => {
  const runs = propertyRuns(1000)
  let excluded = 0
  await fc.assert(
    fc.asyncProperty(samplesOf([['string', 'string']]), arbitraryValue('string'), async (sample, other) => {
      const file = { ...(await openLyingFile(sample)), fieldIdOf: () => DELETE_FILE_PATH_ID }
      const mightName = (path: Value) => mightNameFile(file, 0, encodeSingleValue('string', path))
      expect(sample.values.filter((path) => path !== null && !mightName(path))).toEqual([])
      if (!mightName(other)) excluded += 1
    }),
    runs,
  )
  // Otherwise the property would be true of bounds that are never compared.
  expect(excluded).toBeGreaterThan(runs.numRuns / 20)
})
