import { describe, expect, it } from 'vitest'
import { propertySeeds } from '@/testing/property-cases'
import { createRandom } from '@/testing/seeded-random'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { DataFile } from '../iceberg/manifest/manifest'
import { encodeSingleValue } from '../iceberg/schema/single-value'
import { applyTransform } from '../iceberg/partitioning/transform'
import type { Schema, Value } from '../iceberg/schema/types'
import { medianOf } from '../median'
import { drawRows } from './draw-rows'
import { estimateLayout } from './estimate-layout'
import type { Estimate } from './layout-estimate'
import { type LayoutField, layoutFields } from './layout-field'
import { type SampledBlock, sampleCells } from './layout-sample'
import { type DeletedRows, LayoutTally, valuesKey } from './layout-tally'
import { decodeAtOnce } from '@/testing/iceberg/read-at-once'

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'day', required: false, type: 'date' },
    { id: 2, name: 'city', required: false, type: 'string' },
    { id: 3, name: 'id', required: true, type: 'long' },
  ],
}
const TYPES = { 1: 'date', 2: 'string', 3: 'long' } as const
type Row = Readonly<Record<1 | 2 | 3, Value | null>>

const LAYOUTS = [
  [{ sourceId: 1, transform: 'month' }],
  [{ sourceId: 1, transform: 'day' }],
  [{ sourceId: 2, transform: 'identity' }],
  [{ sourceId: 2, transform: 'truncate[1]' }],
  [{ sourceId: 3, transform: 'bucket[6]' }],
  [{ sourceId: 3, transform: 'truncate[50]' }],
  [
    { sourceId: 1, transform: 'month' },
    { sourceId: 2, transform: 'bucket[3]' },
  ],
]

const ROWS_PER_FILE = 100

type Random = (limit: number) => number

type RandomFile = { file: DataFile; rows: readonly Row[]; deleted: DeletedRows; left: readonly Row[] }

/** Rows that stay when delete files delete some: a vector says how many, others only how many at most. */
function deleteRows(rows: readonly Row[], next: Random): Pick<RandomFile, 'deleted' | 'left'> {
  if (next(3) > 0) return { deleted: { least: 0, most: 0 }, left: rows }
  const vectorRows = next(rows.length + 1)
  const isExact = next(2) === 0
  const most = isExact ? vectorRows : vectorRows + next(rows.length - vectorRows + 1)
  const count = vectorRows + next(most - vectorRows + 1)
  const first = next(rows.length - count + 1)
  const left = rows.filter((_, i) => i < first || i >= first + count)
  return { deleted: { least: vectorRows, most }, left }
}

/** Files of a random table: sorted or not, of any sizes, some with loose or missing metrics, some with deleted rows. */
function randomFiles(next: Random, hasDeletes: boolean): RandomFile[] {
  const [span, cityCount, isSorted] = [1 + next(150), 1 + next(40), next(2) === 0]
  const hasNulls = next(2) === 0
  let id = 0
  return Array.from({ length: 1 + next(25) }, (_, index) => {
    const first = isSorted ? index * span : 0
    const rows = Array.from({ length: 1 + next(200) }, (): Row => {
      id += 1
      const isNull = hasNulls && next(20) === 0
      return {
        1: isNull ? null : first + next(span),
        // A few cities are common.
        2: hasNulls && next(15) === 0 ? null : `${String.fromCharCode(97 + (next(1 + next(cityCount)) % 26))}ity`,
        3: BigInt(id),
      }
    })
    const retained = { deleted: { least: 0, most: 0 }, left: rows }
    return { file: fileOf(rows, next), rows, ...(hasDeletes ? deleteRows(rows, next) : retained) }
  })
}

function fileOf(rows: readonly Row[], next: Random): DataFile {
  const [lower, upper, nulls, values] = [new Map(), new Map(), new Map(), new Map()] as [
    Map<number, Uint8Array>,
    Map<number, Uint8Array>,
    Map<number, number>,
    Map<number, number>,
  ]
  for (const id of [1, 2, 3] as const) {
    if (next(12) === 0) continue
    const present = rows.flatMap((row) => row[id] ?? [])
    values.set(id, rows.length)
    if (next(8) > 0) nulls.set(id, rows.length - present.length)
    if (present.length === 0) continue
    const sorted = present.toSorted((a, b) => (a < b ? -1 : Number(a > b)))
    const loosen = (value: Value, by: number) => (typeof value === 'number' ? value + by : value)
    lower.set(id, encodeSingleValue(TYPES[id], loosen(sorted[0] as Value, -next(2))))
    upper.set(id, encodeSingleValue(TYPES[id], loosen(sorted.at(-1) as Value, next(2))))
  }
  const metrics = {
    columnSizesBytes: new Map<number, number>(),
    valueCounts: values,
    nullValueCounts: nulls,
    nanValueCounts: new Map<number, number>(),
    lowerBounds: lower,
    upperBounds: upper,
  }
  return { ...sampleDataFile('a.parquet'), recordCount: rows.length, metrics }
}

function actualSizes(fields: readonly LayoutField[], rows: readonly Row[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const row of rows) {
    const key = valuesKey(
      fields.map(({ sourceId, transform, sourceType }) => applyTransform(transform, sourceType, row[sourceId as 1])),
    )
    sizes.set(key, (sizes.get(key) ?? 0) + 1)
  }
  return sizes
}

function blocksOf(
  files: ReturnType<typeof randomFiles>,
  tally: LayoutTally,
  seed: string,
  draws: number,
  size: number,
) {
  const all = files.reduce((sum, { rows }) => sum + rows.length, 0)
  const known = new Map<string, SampledBlock>()
  const rowsDrawn = draws === EVERY_ROW ? Array.from({ length: all }, (_, row) => row) : [...drawRows(seed, all, draws)]
  return rowsDrawn.flatMap((draw) => {
    let at = draw
    const index = files.findIndex(({ rows }) => {
      if (at < rows.length) return true
      at -= rows.length
      return false
    })
    const found = files[index]
    if (!found || !tally.isSpanned(found.file)) return []
    const first = at - (at % size)
    const key = `${index} ${first}`
    const rows = found.rows.slice(first, first + size)
    const block: SampledBlock = known.get(key) ?? {
      columns: new Map(([1, 2, 3] as const).map((id) => [id, rows.map((row) => row[id])])),
      rowCount: rows.length,
      isDeletable: found.deleted.most > 0,
    }
    known.set(key, block)
    return [block]
  })
}

function isWithin(value: number, { low, high }: Estimate): boolean {
  return low <= value && value <= high
}

/** With less than a quarter of a file. */
function countSmall(sizes: readonly number[]): number {
  return sizes.filter((size) => size < ROWS_PER_FILE / 4).length
}

const EVERY_ROW = -1

describe('An estimate of a layout', () => {
  it.each([
    ['without a sample', 0, 1, false],
    ['from single rows', 300, 1, false],
    ['from blocks of rows', 60, 8, false],
    ['without a sample and with deletes', 0, 1, true],
    ['from single rows and with deletes', 300, 1, true],
    ['from blocks of rows and with deletes', 60, 8, true],
    ['from every row', EVERY_ROW, 1, false],
    ['from every row and with deletes', EVERY_ROW, 1, true],
  ])('has the truth within its limits, %s', (_, draws, size, hasDeletes) => {
    for (const seed of propertySeeds(30)) {
      const files = randomFiles(createRandom(seed * 7919), hasDeletes)
      const rowCount = files.reduce((sum, { rows }) => sum + rows.length, 0)
      const left = files.flatMap((one) => one.left)
      const deletableRows = files.reduce((sum, { deleted }) => sum + deleted.most, 0)
      for (const requested of LAYOUTS) {
        const fields = layoutFields(requested, SCHEMA)
        const tally = new LayoutTally(fields, [{ specId: 0, fields: [] }])
        for (const { file, deleted } of files) tally.add(file, deleted)
        const blocks = blocksOf(files, tally, `seed ${seed}`, draws, size)
        const sample = draws === 0 ? null : decodeAtOnce(sampleCells(fields, blocks))
        const estimate = decodeAtOnce(estimateLayout(tally, sample, ROWS_PER_FILE))
        const actual = actualSizes(fields, left)
        const sizes = [...actual.values()].toSorted((a, b) => a - b)
        const facts = `seed ${seed}, ${JSON.stringify(requested)}: ${[...actual].join(' ')}`
        const check = (value: number, limits: Estimate, what: string) =>
          expect(isWithin(value, limits), `${what} ${value} in ${JSON.stringify(limits)}, ${facts}`).toBe(true)
        check(actual.size, estimate.partitions, 'partitions')
        expect(estimate.partitions.low, facts).toBeGreaterThanOrEqual(Number(rowCount > deletableRows))
        expect(estimate.exactRows + estimate.spannedRows).toBe(rowCount)
        check(
          sizes.reduce((count, size) => count + Math.ceil(size / ROWS_PER_FILE), 0),
          estimate.files,
          'files',
        )
        for (const { values, rows: limits } of estimate.listed)
          check(actual.get(valuesKey(values)) ?? 0, limits, `rows of ${String(values)}`)
        if (actual.size === 0) continue
        const median = medianOf(sizes) ?? 0
        check(median, estimate.medianRows, 'median')
        check(sizes.at(-1) ?? 0, estimate.largestRows, 'largest')
        check((sizes.at(-1) ?? 0) / median, estimate.skew, 'skew')
        check(countSmall(sizes), estimate.smallPartitions, 'small')
      }
    }
  })

  it('is exact from every row of files without deletes', () => {
    for (const seed of propertySeeds(30)) {
      const files = randomFiles(createRandom(seed * 7919), false)
      const rows = files.flatMap((one) => one.rows)
      for (const requested of LAYOUTS) {
        const fields = layoutFields(requested, SCHEMA)
        const tally = new LayoutTally(fields, [{ specId: 0, fields: [] }])
        for (const { file, deleted } of files) tally.add(file, deleted)
        const sample = decodeAtOnce(sampleCells(fields, blocksOf(files, tally, '', EVERY_ROW, 1)))
        const estimated = decodeAtOnce(estimateLayout(tally, sample, ROWS_PER_FILE))
        const { partitions, medianRows, smallPartitions, listed } = estimated
        const actual = actualSizes(fields, rows)
        const exactly = (count: number) => ({ low: count, estimate: count, high: count })
        expect(partitions).toEqual(exactly(actual.size))
        const sizes = [...actual.values()].toSorted((a, b) => a - b)
        expect(medianRows, `of ${sizes.join(' ')}`).toEqual(exactly(medianOf(sizes) ?? 0))
        expect(smallPartitions, `of ${sizes.join(' ')}`).toEqual(exactly(countSmall(sizes)))
        expect(listed.map(({ rows: limits }) => limits)).toEqual(
          listed.map(({ values }) => exactly(actual.get(valuesKey(values)) ?? 0)),
        )
      }
    }
  })

  it('is exact where the bounds of every file are within one partition', () => {
    const fields = layoutFields([{ sourceId: 1, transform: 'month' }], SCHEMA)
    const tally = new LayoutTally(fields, [{ specId: 0, fields: [] }])
    for (const [day, count] of [
      [3, 10],
      [20, 5],
      [40, 7],
    ] as const) {
      const bytes = encodeSingleValue('date', day)
      const metrics = {
        ...EMPTY_METRICS,
        valueCounts: new Map([[1, count]]),
        nullValueCounts: new Map([[1, day === 40 ? 2 : 0]]),
        lowerBounds: new Map([[1, bytes]]),
        upperBounds: new Map([[1, bytes]]),
      }
      tally.add(sampleDataFile('a.parquet', { recordCount: count, metrics }))
    }
    const { partitions, listed, spannedRows } = decodeAtOnce(estimateLayout(tally, null, 1_000))
    expect(partitions).toEqual({ low: 3, estimate: 3, high: 3 })
    expect(listed).toEqual(
      [
        [null, 2],
        [0, 15],
        [1, 5],
      ].map(([value, rows]) => ({ values: [value], rows: { low: rows, estimate: rows, high: rows } })),
    )
    expect(spannedRows).toBe(0)
  })
})
