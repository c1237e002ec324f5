import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRowsInMemory } from '@/testing/iceberg/rows-in-memory'
import type { RowValue } from '../read/row-value'
import { compareRows, type CompareOptions, type CompareProgress } from './compare-rows'
import { CHANGE_KINDS } from './match-rows'

const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'status', required: false, type: 'string' },
  {
    id: 3,
    name: 'place',
    required: false,
    type: { type: 'struct', fields: [{ id: 4, name: 'depth', required: false, type: 'double' }] },
  },
]
type Row = readonly (RowValue | null)[]

function compare(before: readonly Row[], after: readonly Row[], options: Partial<CompareOptions> = {}) {
  return compareRows({
    before: createRowsInMemory(FIELDS, before),
    after: createRowsInMemory(FIELDS, after),
    fields: FIELDS,
    keyIds: [1],
    hashKey: new Uint8Array(16),
    ...options,
  })
}

async function rejection(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AppError) return error
  throw new Error('no AppError was thrown', { cause: error })
}

describe('Comparing rows by a key', () => {
  it('lists changes in the order of the rows after, and rows that are out where they were', async () => {
    const before = [
      [1n, 'a', null],
      [2n, 'b', null],
      [3n, 'c', null],
      [4n, 'd', null],
    ]
    const after = [
      [1n, 'a', null],
      [3n, 'changed', null],
      [5n, 'new', null],
    ]
    const result = await compare(before, after)
    const listed = Array.from(result.kinds, (kind, i) => [
      CHANGE_KINDS[kind],
      result.beforeRows[i],
      result.afterRows[i],
    ])
    expect(listed).toEqual([
      ['out', 1, -1],
      ['changed', 2, 1],
      ['in', -1, 2],
      ['out', 3, -1],
    ])
    expect(result).toMatchObject({ inCount: 1, outCount: 2, changedCount: 1, sameCount: 1, repeatedKeyCount: 0 })
  })

  it('gives the same order whatever the key of the hashes is', async () => {
    const before = Array.from({ length: 50 }, (_, i) => [BigInt(i), 'a', null])
    const after = Array.from({ length: 50 }, (_, i) => [BigInt((i * 7) % 60), 'b', null])
    const [one, other] = await Promise.all(
      [new Uint8Array(16), Uint8Array.from({ length: 16 }, (_, i) => i * 3)].map((hashKey) =>
        compare(before, after, { hashKey }),
      ),
    )
    expect(one).toEqual(other)
  })

  it('counts the changes of each column, the commonest first', async () => {
    const before = Array.from({ length: 9 }, (_, i) => [BigInt(i), i < 2 ? 'open' : 'automatic', [i]])
    const after = before.map(([id, , position]) => [id ?? null, 'reviewed', id === 3n ? null : (position ?? null)])
    const { columns, changedCount } = await compare(before, after)
    expect(changedCount).toBe(9)
    expect(columns).toEqual([
      {
        fieldId: 2,
        changedCount: 9,
        countsAll: true,
        commonChanges: [
          { before: 'automatic', after: 'reviewed', rowCount: 7 },
          { before: 'open', after: 'reviewed', rowCount: 2 },
        ],
      },
      {
        fieldId: 4,
        changedCount: 1,
        countsAll: true,
        commonChanges: [{ before: 3, after: undefined, rowCount: 1 }],
      },
    ])
  })

  it('says when not every change of a column was counted', async () => {
    const before = Array.from({ length: 1_200 }, (_, i) => [BigInt(i), `${i}`, null])
    const long = 'x'.repeat(1_000)
    const { columns } = await compare(
      before,
      before.map(([id]) => [id ?? null, `${id} later`, null]),
    )
    expect(columns[0]).toMatchObject({ changedCount: 1_200, countsAll: false })
    const { columns: withLong } = await compare([[1n, 'a', null]], [[1n, long, null]])
    expect(withLong[0]).toMatchObject({ changedCount: 1, countsAll: false, commonChanges: [] })
  })

  it('pairs what is left of a repeated key only if that is one row on each side', async () => {
    const before = [
      [1n, 'a', null],
      [1n, 'b', null],
      [2n, 'a', null],
      [2n, 'b', null],
    ]
    const after = [
      [1n, 'b', null],
      [1n, 'c', null],
      [2n, 'x', null],
      [2n, 'y', null],
    ]
    const result = await compare(before, after)
    expect(result).toMatchObject({ inCount: 2, outCount: 2, changedCount: 1, sameCount: 1, repeatedKeyCount: 2 })
  })
})

describe('A comparison', () => {
  it('refuses more rows than fit in memory, and says what would help', async () => {
    const rows = [
      [1n, 'a', null],
      [2n, 'a', null],
    ]
    const error = await rejection(compare(rows, rows, { maxRows: 3 }))
    expect(error).toMatchObject({ code: 'too-large', facts: { rows: 4, limit: 3 } })
    expect(error.message).toContain('closer together')
  })

  it('refuses a key that only one side has', async () => {
    const error = await rejection(compare([], [], { keyIds: [99] }))
    expect(error.code).toBe('invalid-request')
  })

  it('reports progress, and stops when it is cancelled', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => [BigInt(i), 'a', null])
    const controller = new AbortController()
    const reported: CompareProgress[] = []
    const onProgress = (progress: CompareProgress) => {
      reported.push(progress)
      controller.abort(new AppError('cancelled', 'Reading was cancelled.'))
    }
    const error = await rejection(compare(rows, rows, { onProgress, signal: controller.signal }))
    expect(error.code).toBe('cancelled')
    expect(reported).toEqual([{ phase: 'read', rowsRead: 4_096, rowCount: 10_000 }])
  })

  it('reads fewer rows at once when they are too large together', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [BigInt(i), 'a', null])
    const reader = createRowsInMemory(FIELDS, rows)
    const sizes: number[] = []
    const limited = {
      ...reader,
      readRows: (options: Parameters<typeof reader.readRows>[0]) => {
        sizes.push(options.lastRow - options.firstRow)
        if (options.lastRow - options.firstRow > 20) throw new AppError('too-large', 'These rows take too much memory.')
        return reader.readRows(options)
      },
    }
    expect(await compare(rows, [], { before: limited })).toMatchObject({ outCount: 40 })
    expect(sizes).toEqual([4_096, 1_024, 256, 64, 16, 16, 16])
  })

  it('refuses one row that is too large', async () => {
    const row = [1n, 'x'.repeat(100_000_000), null]
    const error = await rejection(compare([row], []))
    expect(error).toMatchObject({ code: 'too-large' })
    expect(error.message).toContain('fewer columns')
  })
})
