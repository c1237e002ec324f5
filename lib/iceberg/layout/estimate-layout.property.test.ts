import { describe, expect, it } from 'vitest'
import { createRandom } from '@/testing/seeded-random'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { decodeAtOnce } from '../avro/decode-steps'
import type { DataFile } from '../manifest/manifest'
import { encodeSingleValue } from '../schema/single-value'
import { applyTransform } from '../partitioning/transform'
import type { Schema, Value } from '../schema/types'
import { drawRows } from './draw-rows'
import { estimateLayout } from './estimate-layout'
import type { Estimate } from './layout-estimate'
import { type LayoutField, layoutFields } from './layout-field'
import { type SampledBlock, sampleCells } from './layout-sample'
import { LayoutTally, valuesKey } from './layout-tally'

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

type Random = (limit: number) => number

/** Files of a random table: sorted or not, of any sizes, some with loose or missing metrics. */
function randomFiles(next: Random): { file: DataFile; rows: readonly Row[] }[] {
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
    return { file: fileOf(rows, next), rows }
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
  return [...drawRows(seed, all, draws)].flatMap((draw) => {
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
      isDeletable: false,
    }
    known.set(key, block)
    return [block]
  })
}

function isWithin(value: number, { low, high }: Estimate): boolean {
  return low <= value && value <= high
}

describe('An estimate of a layout', () => {
  it.each([
    ['without a sample', 0, 1],
    ['from single rows', 300, 1],
    ['from blocks of rows', 60, 8],
  ])('has the truth within its limits, %s', (_, draws, size) => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const files = randomFiles(createRandom(seed * 7919))
      const rows = files.flatMap((one) => one.rows)
      for (const wanted of LAYOUTS) {
        const fields = layoutFields(wanted, SCHEMA)
        const tally = new LayoutTally(fields, [{ specId: 0, fields: [] }])
        for (const { file } of files) tally.add(file)
        const blocks = blocksOf(files, tally, `seed ${seed}`, draws, size)
        const sample = draws === 0 ? null : decodeAtOnce(sampleCells(fields, blocks))
        const estimate = decodeAtOnce(estimateLayout(tally, sample, 1_000))
        const actual = actualSizes(fields, rows)
        const sizes = [...actual.values()].toSorted((a, b) => a - b)
        const facts = `seed ${seed}, ${JSON.stringify(wanted)}: ${[...actual].join(' ')}`
        const check = (value: number, limits: Estimate, what: string) =>
          expect(isWithin(value, limits), `${what} ${value} in ${JSON.stringify(limits)}, ${facts}`).toBe(true)
        check(actual.size, estimate.partitions, 'partitions')
        const median = sizes[Math.floor((sizes.length - 1) / 2)] ?? 0
        check(median, estimate.medianRows, 'median')
        check(sizes.at(-1) ?? 0, estimate.largestRows, 'largest')
        check((sizes.at(-1) ?? 0) / median, estimate.skew, 'skew')
        check(
          sizes.reduce((count, size) => count + Math.ceil(size / 1_000), 0),
          estimate.files,
          'files',
        )
        for (const { values, rows: limits } of estimate.listed)
          check(actual.get(valuesKey(values)) ?? 0, limits, `rows of ${String(values)}`)
        expect(estimate.exactRows + estimate.spannedRows).toBe(rows.length)
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
