import { describe, expect, test } from 'vitest'
import type { PlannedFile } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { RowBatch } from '@/lib/scan/read-rows'
import { FilteredRowStore } from './filtered-row-store'
import type { FilteredPlan } from './filtered-scan'
import { BLOCK_ROWS, type VisibleRows } from './row-blocks'
import { RowStore } from './row-store'
import type { OpenScan, RowWorker } from './row-worker'

const FILES = 10
const FILE_ROWS = 10_000
const ROWS = FILES * FILE_ROWS
const FIELDS = [
  { id: 1, name: 'i', required: false, type: 'long' },
  { id: 2, name: 'j', required: false, type: 'long' },
] as const
const COST = { bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] }
const NOTHING = { rowGroups: 0, rows: 0 }
const ALL_FOUND = {
  matchCount: ROWS,
  isComplete: true,
  filesSearched: FILES,
  rowGroupsSearched: FILES,
  skipped: { statistics: NOTHING, 'bloom-filter': NOTHING, dictionary: NOTHING, 'page-index': NOTHING },
}
const NO_FILES = { files: 0, rows: 0 }
const NO_SKIPS = { manifests: 0, files: { partition: NO_FILES, 'null-counts': NO_FILES, bounds: NO_FILES } }

describe.each(['all', 'filtered'] as const)('Of %s rows those that a user scrolls to', (kind) => {
  test('are not read before the first scroll', async () => {
    const { show, finish, ranges } = openStore(kind)
    show(0)
    await finish()
    expect(ranges()).toEqual([[0, 1]])
  })

  test('are read after the visible ones, downwards, and only as far as the scroll has come', async () => {
    const { show, finish, ranges, store } = openStore(kind)
    show(0)
    await finish()
    show(10)
    await finish()
    expect(ranges().slice(1)).toEqual([[1, 3]])
    expect(store.valueAt(3 * BLOCK_ROWS - 1, 1)).toBe(BigInt(3 * BLOCK_ROWS - 1))
    expect(store.valueAt(3 * BLOCK_ROWS, 1)).toBeUndefined()
    for (let row = 20; row < 3 * BLOCK_ROWS; row += 20) {
      show(row)
      await finish()
    }
    // Every block once, no visible row waited, and never more than two blocks and a part of one ahead.
    expect(ranges().slice(2)).toEqual([
      [3, 4],
      [4, 5],
      [5, 6],
    ])
  })

  test('are read before the visible ones when the user scrolls up, and not before the first row', async () => {
    const { show, finish, ranges } = openStore(kind)
    show(4 * BLOCK_ROWS + 10)
    await finish()
    show(4 * BLOCK_ROWS)
    await finish()
    show(BLOCK_ROWS)
    await finish()
    show(BLOCK_ROWS - 20)
    await finish()
    expect(ranges()).toEqual([
      [4, 5],
      [2, 4],
      [1, 2],
      [0, 1],
    ])
  })

  test('end with the table', async () => {
    const { show, finish, ranges } = openStore(kind)
    show(ROWS - 100)
    await finish()
    show(ROWS - 40)
    await finish()
    expect(ranges().flat().at(-1)).toBe(Math.ceil(ROWS / BLOCK_ROWS))
    expect(ranges()).toHaveLength(1)
  })

  test('are not read after a jump, which says nothing about the next one', async () => {
    const { show, finish, ranges } = openStore(kind)
    show(0)
    await finish()
    show(50 * BLOCK_ROWS)
    await finish()
    expect(ranges()).toEqual([
      [0, 1],
      [50, 51],
    ])
  })

  test('are cancelled when the direction changes', async () => {
    const { show, finish, running, cancelled } = openStore(kind)
    show(10 * BLOCK_ROWS)
    await finish()
    show(10 * BLOCK_ROWS + 10)
    await running()
    show(10 * BLOCK_ROWS + 5)
    await running()
    expect(cancelled()).toEqual([[11, 13]])
    await finish()
  })

  test('give way to visible rows, which are read at once', async () => {
    const { show, finish, running, cancelled, ranges, store } = openStore(kind)
    show(0)
    await finish()
    show(10)
    await running()
    expect(store.getSnapshot().isReading).toBe(false)
    show(40 * BLOCK_ROWS)
    expect(store.getSnapshot().isReading).toBe(true)
    await running()
    expect(cancelled()).toEqual([[1, 3]])
    expect(ranges().at(-1)).toEqual([40, 41])
    await finish()
    expect(store.getSnapshot()).toMatchObject({ isReading: false, problem: null })
  })

  test('are not read twice when the scroll reaches them while they are read', async () => {
    const { show, finish, running, cancelled, ranges, store } = openStore(kind)
    show(0)
    await finish()
    show(10)
    await running()
    show(BLOCK_ROWS + 10)
    expect(store.getSnapshot().isReading).toBe(true)
    await finish()
    expect(cancelled()).toEqual([])
    expect(ranges().slice(0, 2)).toEqual([
      [0, 1],
      [1, 3],
    ])
    expect(store.valueAt(BLOCK_ROWS + 10, 1)).toBe(BigInt(BLOCK_ROWS + 10))
  })

  test('that cannot be read are not a problem until they are visible', async () => {
    const { show, finish, fail, store, ranges } = openStore(kind)
    show(0)
    await finish()
    fail(new AppError('server-unreachable', 'gone'))
    show(10)
    await finish()
    expect(store.getSnapshot()).toMatchObject({ problem: null, isReading: false })
    show(BLOCK_ROWS)
    await finish()
    expect(store.getSnapshot().problem).toMatchObject({ code: 'server-unreachable' })
    expect(ranges()).toEqual([
      [0, 1],
      [1, 3],
      [1, 2],
    ])
  })

  test('end the reading when the token has expired, until there is another', async () => {
    const { show, finish, fail, store } = openStore(kind)
    show(0)
    await finish()
    fail(new AppError('token-expired', 'expired'))
    show(10)
    await finish()
    expect(store.getSnapshot()).toMatchObject({ isExpired: true, problem: null })
  })
})

describe.each(['all', 'filtered'] as const)('Of %s rows those that are copied', (kind) => {
  test('are read in steps after the visible ones, and only once', async () => {
    const { show, finish, ranges, store } = openStore(kind)
    show(0)
    await finish()
    const rows = { firstRow: 100, lastRow: 2000, fieldIds: [1] }
    const isRead = store.readCells(rows)
    await finish()
    await isRead
    expect(ranges()).toEqual([
      [0, 1],
      [1, 5],
      [5, 8],
    ])
    expect(store.valueAt(1999, 1)).toBe(1999n)
    await store.readCells(rows)
    expect(ranges()).toHaveLength(3)
  })

  test('are read in columns that are not visible', async () => {
    const { show, finish, store } = openStore(kind)
    show(0)
    await finish()
    expect(store.valueAt(0, 2)).toBeUndefined()
    const isRead = store.readCells({ firstRow: 0, lastRow: 1, fieldIds: [1, 2] })
    await finish()
    await isRead
    expect(store.valueAt(0, 2)).toBe(0n)
  })

  test('are not waited for when they cannot be read, or when the rows are closed', async () => {
    const { show, finish, fail, store } = openStore(kind)
    show(0)
    await finish()
    fail(new AppError('server-unreachable', 'gone'))
    const failed = store.readCells({ firstRow: 500, lastRow: 501, fieldIds: [1] })
    await finish()
    await failed
    expect(store.valueAt(500, 1)).toMatchObject({ code: 'server-unreachable' })
    const closed = store.readCells({ firstRow: 5000, lastRow: 5001, fieldIds: [1] })
    store.close()
    await closed
    expect(store.valueAt(5000, 1)).toBeUndefined()
  })
})

type Request = { blocks: [number, number]; signal: AbortSignal; finish: () => void; isFinished: boolean }

/** A store whose reader waits until the test lets it finish. */
function openStore(kind: 'all' | 'filtered') {
  const requests: Request[] = []
  let failure: AppError | null = null
  const read = ({ firstRow, lastRow, fieldIds }: VisibleRows, signal: AbortSignal) =>
    new Promise<RowBatch>((resolve, reject) => {
      const request: Request = {
        blocks: [firstRow / BLOCK_ROWS, Math.ceil(lastRow / BLOCK_ROWS)],
        signal,
        isFinished: false,
        finish: () => {
          request.isFinished = true
          if (failure) reject(failure)
          else resolve(toBatch(firstRow, lastRow, fieldIds))
        },
      }
      requests.push(request)
      signal.addEventListener('abort', () => {
        request.isFinished = true
        reject(new AppError('cancelled', 'cancelled'))
      })
    })
  const scan: Pick<OpenScan, 'readRows' | 'readMatches' | 'search' | 'close'> = {
    readRows: async (rows, signal) => ({
      kind: 'rows',
      id: 0,
      batches: [await read(rows, signal)],
      failed: [],
      cost: COST,
      elapsedMs: 1,
    }),
    readMatches: async (rows, signal) => ({
      kind: 'matches',
      id: 0,
      batch: { ...(await read(rows, signal)), sources: [] },
      cost: COST,
      elapsedMs: 1,
    }),
    search: async () => ({ kind: 'searched', id: 0, progress: ALL_FOUND, problem: null, cost: COST, elapsedMs: 1 }),
    close: () => undefined,
  }
  const worker: Pick<RowWorker, 'open'> = { open: () => scan as OpenScan }
  const plan = toPlan()
  const store =
    kind === 'all'
      ? new RowStore(worker as RowWorker, plan, FIELDS)
      : new FilteredRowStore(worker as RowWorker, plan, { where: '{}', fields: FIELDS })
  store.resume(plan)
  const running = async () => {
    // Files are listed before rows are requested: a few turns, and no timers.
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    return requests.filter(({ isFinished }) => !isFinished)
  }
  return {
    store,
    running,
    show: (firstRow: number) => store.setVisibleRows({ firstRow, lastRow: firstRow + 40, fieldIds: [1] }),
    /** Lets all requests finish, and those that follow them. */
    finish: async () => {
      for (let open = await running(); open.length > 0; open = await running()) for (const { finish } of open) finish()
    },
    fail: (error: AppError) => {
      failure = error
    },
    ranges: () => requests.map(({ blocks }) => blocks),
    cancelled: () => requests.filter(({ signal }) => signal.aborted).map(({ blocks }) => blocks),
  }
}

function toBatch(firstRow: number, lastRow: number, fieldIds: readonly number[]): RowBatch {
  const rows = Array.from({ length: lastRow - firstRow }, (_, i) => firstRow + i)
  const columns = new Map(fieldIds.map((id) => [id, rows.map(BigInt)]))
  return { firstRow, lastRow, columns, positions: Float64Array.from(rows) }
}

function toPlan(): FilteredPlan {
  const files = Array.from({ length: FILES }, (_, index): PlannedFile => {
    return {
      index,
      path: `file:///lake/${index}.parquet`,
      fileFormat: 'parquet',
      fileSizeBytes: 1,
      recordCount: FILE_ROWS,
      firstRowIndex: index * FILE_ROWS,
      sequenceNumber: 1,
      firstRowId: null,
      specId: 0,
      partition: '',
      constants: [],
      deletes: [],
    }
  })
  return {
    token: 'token',
    snapshotId: '1',
    committedAtMs: 0,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [...FIELDS] },
    rowCount: ROWS,
    fileCount: FILES,
    deleteFileCount: 0,
    deleteBytes: 0,
    deleteFiles: [],
    totalBytes: FILES,
    expiresAtMs: 0,
    nameMapping: null,
    defaults: [],
    files,
    filtered: { nextFile: null, skipped: NO_SKIPS },
  }
}
