import { describe, expect, test } from 'vitest'
import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import { BLOCK_ROWS } from './row-blocks'
import { RowStore } from './row-store'
import type { OpenScan, RowsResult, RowWorker } from './row-worker'

const FILES = 10
const FILE_ROWS = 10_000
const ROWS = FILES * FILE_ROWS
const FIELDS = [{ id: 1, name: 'i', required: false, type: 'long' }] as const

describe('The rows that a user scrolls to', () => {
  test('are not read before the first scroll', async () => {
    const { show, finish, ranges } = openStore()
    show(0)
    await finish()
    expect(ranges()).toEqual([[0, 1]])
  })

  test('are read after the visible ones, downwards, and only as far as the scroll has come', async () => {
    const { show, finish, ranges, store } = openStore()
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
    const { show, finish, ranges } = openStore()
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
    const { show, finish, ranges } = openStore()
    show(ROWS - 100)
    await finish()
    show(ROWS - 40)
    await finish()
    expect(ranges().flat().at(-1)).toBe(Math.ceil(ROWS / BLOCK_ROWS))
    expect(ranges()).toHaveLength(1)
  })

  test('are not read after a jump, which says nothing about the next one', async () => {
    const { show, finish, ranges } = openStore()
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
    const { show, finish, running, cancelled } = openStore()
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
    const { show, finish, running, cancelled, ranges, store } = openStore()
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
    const { show, finish, running, cancelled, ranges, store } = openStore()
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

  test('that cannot be read are no problem until they are visible', async () => {
    const { show, finish, fail, store, ranges } = openStore()
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
    const { show, finish, fail, store } = openStore()
    show(0)
    await finish()
    fail(new AppError('token-expired', 'expired'))
    show(10)
    await finish()
    expect(store.getSnapshot()).toMatchObject({ isExpired: true, problem: null })
  })
})

type Request = { blocks: [number, number]; signal: AbortSignal; finish: () => void; isFinished: boolean }

/** A store whose reader waits until the test lets it finish. */
function openStore() {
  const requests: Request[] = []
  let failure: AppError | null = null
  const scan: Pick<OpenScan, 'readRows' | 'close'> = {
    readRows: ({ firstRow, lastRow, fieldIds }, signal) =>
      new Promise<RowsResult>((resolve, reject) => {
        const request: Request = {
          blocks: [firstRow / BLOCK_ROWS, Math.ceil(lastRow / BLOCK_ROWS)],
          signal,
          isFinished: false,
          finish: () => {
            request.isFinished = true
            if (failure) reject(failure)
            else resolve(toResult(firstRow, lastRow, fieldIds))
          },
        }
        requests.push(request)
        signal.addEventListener('abort', () => {
          request.isFinished = true
          reject(new AppError('cancelled', 'cancelled'))
        })
      }),
    close: () => undefined,
  }
  const worker: Pick<RowWorker, 'open'> = { open: () => scan as OpenScan }
  const plan = toPlan()
  const store = new RowStore(worker as RowWorker, plan, FIELDS)
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

function toResult(firstRow: number, lastRow: number, fieldIds: readonly number[]): RowsResult {
  const rows = Array.from({ length: lastRow - firstRow }, (_, i) => firstRow + i)
  const columns = new Map(fieldIds.map((id) => [id, rows.map(BigInt)]))
  return {
    kind: 'rows',
    id: 0,
    batches: [{ firstRow, lastRow, columns, positions: Float64Array.from(rows) }],
    failed: [],
    cost: { bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] },
    elapsedMs: 1,
  }
}

function toPlan(): SignedScanPlan {
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
  }
}
