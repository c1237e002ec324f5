import { expect, test } from 'vitest'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { filterNeed, MIN_FILTERED_BYTES } from './filtered-need'
import { knownFiles } from './table-files'
import type { TableScan } from './table-scan'

const DAY = { id: 1, name: 'day', type: 'date', required: false } as const

/** The files that a query needs of a small table of `fileCount` files, two of which may have the day. */
async function neededFiles(fileCount: number): Promise<number> {
  const files = knownFiles([])
  const planFiltered = async () => ({ snapshotId: '7', files, fileCount: 2, rowCount: 20 })
  const sizes = { fileCount, rowCount: fileCount * 10, fileBytes: fileCount * 2_000 }
  const state = { key: 't', snapshotId: '7', committedAtMs: 0, deleteFileCount: 0, deleteBytes: 0 }
  const scan: TableScan = { ...state, ...sizes, fields: [DAY], files, planFiltered }
  const need = await filterNeed(
    { scan, columns: [DAY], rowsNeeded: null },
    parsePredicateText("day = '2026-11-05'"),
    { loadedColumns: () => [], registerFiltered: () => {} },
    { minBytes: MIN_FILTERED_BYTES, signal: new AbortController().signal, isRetry: false },
  )
  return need.scan.fileCount
}

test('A small table is needed whole if it has few files, and else only those that may have matching rows', async () => {
  expect(await neededFiles(16)).toBe(16)
  expect(await neededFiles(17)).toBe(2)
})
