import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import type { ReadRowsOptions, RowBatch } from '../read-rows'
import { readInOrder } from './read-in-order'

/** A scan whose rows have their number as value; one that reads more than `maxRows` at once takes too much memory. */
function createScan(maxRows = Number.POSITIVE_INFINITY) {
  let requests = 0
  const readRows = async ({ firstRow, lastRow }: ReadRowsOptions): Promise<RowBatch> => {
    requests += 1
    if (lastRow - firstRow > maxRows) throw new AppError('too-large', 'These rows take too much memory.')
    const rows = Array.from({ length: lastRow - firstRow }, (_, i) => firstRow + i)
    return { firstRow, lastRow, columns: new Map([[1, rows.map(BigInt)]]), positions: Float64Array.from(rows) }
  }
  return { readRows, requests: () => requests }
}

/** All rows, as an encoder reads them. */
async function readAll(readRows: ReturnType<typeof readInOrder>, batchRows: number): Promise<number[]> {
  const found: number[] = []
  for (;;) {
    const { lastRow, columns, positions } = await readRows({
      firstRow: found.length,
      lastRow: found.length + batchRows,
      fieldIds: [1],
    })
    const values = columns.get(1) ?? []
    expect(values.map(Number)).toEqual([...positions])
    expect(lastRow).toBe(found.length + values.length)
    found.push(...positions)
    // A batch with fewer rows is the last one.
    if (values.length < batchRows) return found
  }
}

describe('Rows are read in another order', () => {
  test('whatever it is, each one once', async () => {
    const anyOrder = fc.shuffledSubarray(Array.from({ length: 200 }, (_, i) => i))
    await fc.assert(
      fc.asyncProperty(anyOrder, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 90 }), async (...of) => {
        const [order, batchRows, windowRows] = of
        const readRows = readInOrder(createScan().readRows, Uint32Array.from(order), windowRows)
        expect(await readAll(readRows, batchRows)).toEqual(order)
      }),
      propertyRuns(),
    )
  })

  test('in few passes, and in smaller ones when they take too much memory', async () => {
    const order = Uint32Array.from({ length: 1000 }, (_, i) => 999 - i)
    const { readRows, requests } = createScan()
    await readAll(readInOrder(readRows, order), 10)
    expect(requests()).toBe(1)
    const small = createScan(100)
    expect(await readAll(readInOrder(small.readRows, order), 10)).toEqual([...order])
    // A batch that takes too much memory by itself is for the caller to make smaller.
    const tiny = readInOrder(createScan(5).readRows, order)
    await expect(tiny({ firstRow: 0, lastRow: 10, fieldIds: [1] })).rejects.toThrow('too much memory')
  })
})
