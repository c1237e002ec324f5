import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { DeleteFile } from './deletes/delete-file'
import { createAllRows, LiveRows, movedRow, type ShrunkRows } from './live-rows'
import { createScanFiles, type RowSpan } from './scan-files'

type File = RowSpan & { name: number; deleted: readonly boolean[] }

const deleteFile = (overrides: Partial<DeleteFile> = {}): DeleteFile => ({
  index: 0,
  path: 'lake:/deletes',
  content: 'position-deletes',
  format: 'parquet',
  fileSizeBytes: 1,
  recordCount: 1,
  equalityIds: [],
  equalityFields: [],
  contentOffset: null,
  contentSizeBytes: null,
  referencedDataFile: null,
  ...overrides,
})
const countTrue = (values: readonly boolean[]) => values.filter(Boolean).length

/** Files whose rows are deleted or not; `hasVector` makes the number of deleted rows known. */
function toFiles(models: readonly { deleted: readonly boolean[]; hasVector: boolean }[]): File[] {
  let firstRowIndex = 0
  return models.map(({ deleted, hasVector }, name) => {
    const count = countTrue(deleted)
    const vector = deleteFile({ format: 'puffin', recordCount: count })
    const deletes = count === 0 ? [] : [hasVector ? vector : deleteFile()]
    const file = { name, deleted, firstRowIndex, recordCount: deleted.length, deletes }
    firstRowIndex += deleted.length
    return file
  })
}

const models = fc.array(
  fc.record({ deleted: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), hasVector: fc.boolean() }),
  { maxLength: 8 },
)

describe('Rows that are not deleted', () => {
  test('are found by their number in every order of reading', async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.array(fc.tuple(fc.nat(40), fc.nat(10))), async (generated, windows) => {
        const files = toFiles(generated)
        const counted: number[] = []
        const live = new LiveRows(createScanFiles(files), async (uncounted) => {
          counted.push(...uncounted.map(({ name }) => name))
          return uncounted.map(({ deleted }) => countTrue(deleted))
        })
        for (const [firstRow, length] of windows) {
          const lastRow = firstRow + length
          const found = await live.filesForRows(firstRow, lastRow)
          let next: number | null = null
          for (const { file, firstLiveRow, liveRowCount } of found) {
            expect(liveRowCount).toBe(file.deleted.length - countTrue(file.deleted))
            expect(firstLiveRow < lastRow && firstLiveRow + liveRowCount > firstRow).toBe(true)
            expect(next === null || next === firstLiveRow).toBe(true)
            next = firstLiveRow + liveRowCount
          }
          const end = Math.min(lastRow, live.rowCount)
          const [first] = found
          const isCovered = first === undefined ? firstRow >= end : first.firstLiveRow <= firstRow && next! >= end
          expect(isCovered).toBe(true)
        }
        // Each file is counted once, and not if a deletion vector says how many rows it deletes.
        expect(new Set(counted).size).toBe(counted.length)
        expect(counted.some((name) => generated[name]?.hasVector)).toBe(false)
        await live.count(files)
        const total = files.reduce((sum, { deleted }) => sum + deleted.length - countTrue(deleted), 0)
        expect(live.rowCount).toBe(total)
        const all = await live.filesForRows(0, total)
        expect(all.map(({ file }) => file.name)).toEqual(
          files.filter(({ deleted }) => deleted.includes(false)).map(({ name }) => name),
        )
      }),
      propertyRuns(),
    )
  })

  test('keep their file when rows before them turn out to be deleted', async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.nat(40), fc.array(fc.nat(7)), async (generated, row, order) => {
        const files = toFiles(generated)
        const moves: (readonly ShrunkRows[])[] = []
        const live = new LiveRows(
          createScanFiles(files),
          async (uncounted) => uncounted.map(({ deleted }) => countTrue(deleted)),
          (shrunk) => moves.push(shrunk),
        )
        const [before] = await live.filesForRows(row, row + 1)
        if (!before) return
        const position = row - before.firstLiveRow
        moves.length = 0
        for (const index of order) await live.count(files.slice(index, index + 2))
        const moved = moves.reduce((at, shrunk) => movedRow(at, shrunk), row)
        const [after] = await live.filesForRows(moved, moved + 1)
        expect([after?.file.name, moved - (after?.firstLiveRow ?? 0)]).toEqual([before.file.name, position])
        expect(files[before.file.name]).toBe(
          files.find(({ firstRowIndex, recordCount }) => {
            const scanRow = live.scanRowInFile(moved)
            return firstRowIndex <= scanRow && scanRow < firstRowIndex + recordCount
          }),
        )
      }),
      propertyRuns(),
    )
  })

  test('are none when counting fails, and are counted by the next attempt', async () => {
    const files = toFiles([{ deleted: [true, false], hasVector: false }])
    let isFailing = true
    const live = new LiveRows(createScanFiles(files), async () => {
      if (isFailing) throw new Error('unreachable')
      return [1]
    })
    await expect(live.filesForRows(0, 2)).rejects.toThrow('unreachable')
    expect(live.rowCount).toBe(2)
    isFailing = false
    expect(await live.filesForRows(0, 2)).toMatchObject([{ firstLiveRow: 0, liveRowCount: 1 }])
    expect(live.rowCount).toBe(1)
  })
})

test('All rows of a scan are numbered as its files have them, deleted ones too', async () => {
  const files = toFiles([
    { deleted: [true, false], hasVector: false },
    { deleted: [false, true, false], hasVector: true },
  ])
  const rows = createAllRows(createScanFiles(files))
  expect(rows.rowCount).toBe(5)
  expect(await rows.filesForRows(1, 3)).toMatchObject([
    { firstLiveRow: 0, liveRowCount: 2 },
    { firstLiveRow: 2, liveRowCount: 3 },
  ])
})
