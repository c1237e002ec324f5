import { expect, test } from 'vitest'
import { readSparseRows } from './read-sparse-rows'

test('Rows anywhere in a scan are read in runs, and only they are returned', async () => {
  const requests: [number, number][] = []
  const reader = {
    readRows: async ({ firstRow, lastRow }: { firstRow: number; lastRow: number }) => {
      requests.push([firstRow, lastRow])
      const rows = Array.from({ length: lastRow - firstRow }, (_, i) => firstRow + i)
      return {
        firstRow,
        lastRow,
        columns: new Map([[1, rows.map(BigInt)]]),
        positions: Float64Array.from(rows),
        deletedBy: rows.map((row) => (row === 20 ? [3] : [])),
      }
    },
  }
  const { lastRow, columns, positions, deletedBy } = await readSparseRows(
    reader.readRows,
    [5, 20, 52, 90, 1_000_000],
    [1],
  )
  expect(requests).toEqual([
    [5, 53],
    [90, 91],
    [1_000_000, 1_000_001],
  ])
  expect(lastRow).toBe(5)
  expect(columns.get(1)).toEqual([5n, 20n, 52n, 90n, 1_000_000n])
  expect([...positions]).toEqual([5, 20, 52, 90, 1_000_000])
  expect(deletedBy).toEqual([[], [3], [], [], []])
})

test('A run of rows ends at 16,384 rows, so that a long one is not in memory at once', async () => {
  const runs: number[] = []
  const reader = {
    readRows: async ({ firstRow, lastRow }: { firstRow: number; lastRow: number }) => {
      runs.push(lastRow - firstRow)
      return { firstRow, lastRow, columns: new Map(), positions: new Float64Array(lastRow - firstRow) }
    },
  }
  await readSparseRows(reader.readRows, [...new Array(16_385).keys()], [])
  expect(runs).toEqual([16_384, 1])
})
