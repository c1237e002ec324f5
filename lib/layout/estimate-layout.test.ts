import { describe, expect, it } from 'vitest'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { encodeSingleValue } from '../iceberg/schema/single-value'
import type { Schema } from '../iceberg/schema/types'
import { estimateLayout } from './estimate-layout'
import { layoutFields } from './layout-field'
import { type DeletedRows, LayoutTally } from './layout-tally'
import { decodeAtOnce } from '@/testing/iceberg/read-at-once'

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'day', required: true, type: 'date' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
const ROWS = 1_000_000

/** A file of rows whose days are in some months of 1970, from 0 to 11. */
function monthsFile(firstMonth: number, lastMonth: number, nulls: number | null = 0) {
  const [lower, upper] = [firstMonth, lastMonth].map((month) =>
    encodeSingleValue('date', Math.round(month * 30.45) + 15),
  )
  if (!lower || !upper) throw new Error('no bounds')
  const metrics = {
    ...EMPTY_METRICS,
    valueCounts: new Map([[1, ROWS]]),
    nullValueCounts: nulls === null ? new Map<number, number>() : new Map([[1, nulls]]),
    lowerBounds: new Map([[1, lower]]),
    upperBounds: new Map([[1, upper]]),
  }
  return sampleDataFile('a.parquet', { recordCount: ROWS, metrics })
}

type File = ReturnType<typeof monthsFile>

function estimate(
  transform: string,
  files: readonly (readonly [File, DeletedRows])[],
  { sourceId = 1, schema = SCHEMA }: { sourceId?: number; schema?: Schema } = {},
) {
  const tally = new LayoutTally(layoutFields([{ sourceId, transform }], schema), [{ specId: 0, fields: [] }])
  for (const [file, deleted] of files) tally.add(file, deleted)
  return decodeAtOnce(estimateLayout(tally, null, ROWS))
}

const NONE: DeletedRows = { least: 0, most: 0 }
const NULLABLE: Schema = { ...SCHEMA, fields: SCHEMA.fields.map((field) => ({ ...field, required: false })) }

describe('The fewest files', () => {
  it('leave out rows that deletion vectors delete', () => {
    const vector = { least: 600_000, most: 600_000 }
    const files = Array.from({ length: 10 }, () => [monthsFile(3, 3), vector] as const)
    const { files: limits } = estimate('month', files)
    expect(limits).toMatchObject({ low: 4, estimate: 4 })
  })

  it('leave out rows of files over several partitions that might be deleted', () => {
    const files = Array.from({ length: 10 }, () => [monthsFile(0, 1), { least: 0, most: 600_000 }] as const)
    expect(estimate('month', files).files.low).toBe(4)
  })
})

describe('The fewest partitions', () => {
  it('are one for a file over twelve months, although all of them are listed', () => {
    const { partitions, listed } = estimate('month', [[monthsFile(0, 11), NONE]])
    expect(listed).toHaveLength(12)
    expect(partitions).toEqual({ low: 1, estimate: null, high: 12 })
  })

  it('are as many as values are needed to meet every range of months', () => {
    const files = [
      [monthsFile(0, 3), NONE],
      [monthsFile(2, 5), NONE],
      [monthsFile(4, 7), NONE],
      [monthsFile(9, 11), NONE],
    ] as const
    expect(estimate('month', files).partitions.low).toBe(3)
    // The rows of May are also in two of the ranges.
    expect(estimate('month', [...files, [monthsFile(4, 4), NONE]]).partitions.low).toBe(3)
    expect(estimate('month', [...files, [monthsFile(8, 8), NONE]]).partitions.low).toBe(4)
  })

  it('leave out ranges whose rows might all be deleted or null', () => {
    const all = { least: 0, most: ROWS }
    expect(estimate('month', [[monthsFile(0, 3), all]]).partitions.low).toBe(0)
    const files = [
      [monthsFile(0, 3), all],
      [monthsFile(5, 8), NONE],
    ] as const
    expect(estimate('month', files).partitions.low).toBe(1)
    const nullable = [
      [monthsFile(0, 3, null), NONE],
      [monthsFile(5, 8, null), NONE],
    ] as const
    expect(estimate('month', nullable, { schema: NULLABLE }).partitions.low).toBe(1)
  })

  it('are none for buckets of a file whose rows might all be deleted, and one if a row is left', () => {
    const bucket = (most: number) =>
      estimate('bucket[4]', [[monthsFile(0, 3), { least: 0, most }]], { sourceId: 2 }).partitions.low
    expect(bucket(ROWS)).toBe(0)
    expect(bucket(ROWS - 1)).toBe(1)
  })

  it('are one if a row is left of a month and of nulls, either of which might be deleted', () => {
    const half = monthsFile(3, 3, ROWS / 2)
    const least = (most: number) => estimate('month', [[half, { least: 0, most }]], { schema: NULLABLE }).partitions
    expect(least(ROWS / 2)).toMatchObject({ low: 1, high: 2 })
    expect(least(ROWS)).toMatchObject({ low: 0, high: 2 })
  })
})

describe('The most partitions', () => {
  it('include nulls of buckets only if a file might have some', () => {
    const most = (nulls: number | null) =>
      estimate('bucket[4]', [[monthsFile(0, 3, nulls), NONE]], { schema: NULLABLE }).partitions.high
    expect(most(0)).toBe(4)
    expect(most(1)).toBe(5)
    expect(most(null)).toBe(5)
  })
})
