import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { PlannedDeleteFile, PlannedFile, SignedScanPlan } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'
import { type LiveFile, movedRow } from '@/lib/scan/live-rows'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { RowRange, RowsReply, RowsRequest } from './row-messages'
import type { ListedFile } from '@/lib/api/listed-files'
import type { ListFiles } from './file-pages'
import { BLOCK_ROWS } from './row-blocks'
import { RowStore } from './row-store'
import { RowWorker } from './row-worker'
import { createRowServer } from './serve-rows'

const ROWS = 2000
const FIELDS = [
  { id: 1, name: 'i', required: false, type: 'long' },
  { id: 2, name: 'origin', required: false, type: 'string' },
] as const

let folder: string
let bytes: Uint8Array
/** Delete files by their number of records. */
const deletes = new Map<number, Uint8Array>()
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-store-'))
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const file = path.join(folder, 'rows.parquet')
  await duckdb.run(`COPY (SELECT i FROM range(${ROWS}) t(i)) TO '${file}' (FORMAT parquet, FIELD_IDS {i: 1})`)
  bytes = new Uint8Array(readFileSync(file))
  for (const count of [5, 7]) {
    const deleteFile = path.join(folder, `deletes-${count}.parquet`)
    await duckdb.run(
      `COPY (SELECT printf('file:///lake/%s.parquet', f) AS file_path, i::BIGINT AS pos FROM range(${count}) t(i), (VALUES ('a'), ('b')) v(f) ${count === 5 ? "WHERE f = 'a'" : "WHERE f = 'b'"})
      TO '${deleteFile}' (FORMAT parquet, FIELD_IDS {file_path: 2147483546, pos: 2147483545})`,
    )
    deletes.set(count, new Uint8Array(readFileSync(deleteFile)))
  }
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.useRealTimers())

describe('rows are loaded as they become visible', () => {
  test('loads whole visible blocks, with partition values for columns that files leave out', async () => {
    const { store, requests } = openStore([plannedFile('a')])
    store.setVisibleRows({ firstRow: 10, lastRow: 40, fieldIds: [1, 2] })
    expect(store.valueAt(10, 1)).toBeUndefined()
    await waitUntilSettled(store)
    expect(store.valueAt(10, 1)).toBe(10n)
    expect(store.valueAt(BLOCK_ROWS - 1, 2)).toBe('ABQ')
    expect(store.valueAt(BLOCK_ROWS, 1)).toBeUndefined()
    expect(requests).toEqual([{ firstRow: 0, lastRow: BLOCK_ROWS, fieldIds: [1, 2] }])
    expect(store.getSnapshot()).toMatchObject({ isReading: false, problem: null, cost: { filesRead: 1 } })
  })

  test('requests nothing twice, and only the missing column of a loaded block', async () => {
    const { store, requests } = openStore([plannedFile('a')])
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    await waitUntilSettled(store)
    store.setVisibleRows({ firstRow: 0, lastRow: 35, fieldIds: [1] })
    store.setVisibleRows({ firstRow: 0, lastRow: 35, fieldIds: [1, 2] })
    await waitUntilSettled(store)
    expect(requests.map(({ fieldIds }) => fieldIds)).toEqual([[1], [2]])
  })

  test('while a request runs only the latest position is remembered, and a request far from it is cancelled', async () => {
    const { store, requests, cancelled } = openStore([plannedFile('a'), plannedFile('b', ROWS)])
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    while (requests.length === 0) await Promise.resolve()
    store.setVisibleRows({ firstRow: 1000, lastRow: 1030, fieldIds: [1] })
    store.setVisibleRows({ firstRow: 3900, lastRow: 3930, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(cancelled()).toBe(1)
    expect(requests.map(({ firstRow }) => firstRow)).toEqual([0, 3840])
    expect(store.valueAt(3900, 1)).toBe(1900n)
  })

  test('the last block ends with the rows', async () => {
    const { store } = openStore([plannedFile('a')])
    store.setVisibleRows({ firstRow: ROWS - 10, lastRow: ROWS, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.valueAt(ROWS - 1, 1)).toBe(BigInt(ROWS - 1))
    expect(store.getSnapshot().isReading).toBe(false)
  })
})

describe('files are listed as their rows become visible', () => {
  const COUNT = 1000
  const manyFiles = () => Array.from({ length: COUNT }, (_, index) => plannedFile(`f${index}`, index * ROWS))
  const openMany = (listFiles: ListFiles) => {
    const { worker } = createWorkers()
    const plan = { ...toPlan(manyFiles().slice(0, 10)), rowCount: COUNT * ROWS, fileCount: COUNT }
    const store = new RowStore(worker, plan, FIELDS, listFiles)
    store.resume(plan)
    return store
  }

  test('those of the plan are not requested, others once, and a row knows its file', async () => {
    const requests: number[] = []
    const store = openMany(async ({ fromRow, limit }) => {
      requests.push(fromRow)
      const first = Math.floor(fromRow / ROWS)
      return { files: manyFiles().slice(first, first + limit), deleteFiles: [] }
    })
    const show = async (firstRow: number) => {
      store.setVisibleRows({ firstRow, lastRow: firstRow + 20, fieldIds: [1] })
      await waitUntilSettled(store)
    }
    await show(10)
    expect(requests).toEqual([])
    const row = 700 * ROWS + 100
    expect(store.originOf(row)).toBeNull()
    await show(row)
    expect(store.valueAt(row, 1)).toBe(100n)
    expect(store.originOf(row)).toMatchObject({ file: { path: 'file:///lake/f700.parquet' }, position: 100 })
    await show(row + 50 * ROWS)
    expect(requests).toHaveLength(1)
  })

  test('a failure to list them is a failure of the visible rows, and is retried', async () => {
    let isFailing = true
    const store = openMany(async ({ fromRow, limit }) => {
      if (isFailing) throw new AppError('not-supported', 'This snapshot has ORC files.')
      const first = Math.floor(fromRow / ROWS)
      return { files: manyFiles().slice(first, first + limit), deleteFiles: [] }
    })
    const row = 500 * ROWS
    store.setVisibleRows({ firstRow: row, lastRow: row + 20, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.getSnapshot().problem).toMatchObject({ code: 'not-supported' })
    isFailing = false
    store.retry()
    await waitUntilSettled(store)
    expect(store.valueAt(row, 1)).toBe(0n)
  })

  test('an expired token is replaced by another plan, as for reading', async () => {
    const store = openMany(async () => {
      throw new AppError('token-expired', 'expired')
    })
    store.setVisibleRows({ firstRow: 500 * ROWS, lastRow: 500 * ROWS + 20, fieldIds: [1] })
    await vi.waitFor(() => expect(store.getSnapshot().isExpired).toBe(true), 50_000)
    expect(store.getSnapshot().problem).toBeNull()
  })
})

describe('unreadable rows are reported', () => {
  test('rows of a missing file fail with its name, and rows of other files are shown', async () => {
    const { store } = openStore([plannedFile('a'), plannedFile('missing', ROWS), plannedFile('c', 2 * ROWS)])
    store.setVisibleRows({ firstRow: ROWS - 20, lastRow: ROWS + 20, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.valueAt(ROWS - 1, 1)).toBe(BigInt(ROWS - 1))
    expect(store.valueAt(ROWS, 1)).toMatchObject({ code: 'file-missing', message: expect.stringContaining('missing') })
    expect(store.getSnapshot().problem).toMatchObject({ code: 'file-missing' })
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.getSnapshot().problem).toBeNull()
  })

  test('reads the file again on a retry', async () => {
    const files = [plannedFile('missing')]
    const { store, repair } = openStore(files)
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.getSnapshot().problem).not.toBeNull()
    repair()
    store.retry()
    await waitUntilSettled(store)
    expect(store.valueAt(0, 1)).toBe(0n)
    expect(store.getSnapshot().problem).toBeNull()
  })

  test('expired tokens are not a failure: reading continues with a new plan', async () => {
    const { store, plan } = openStore([plannedFile('a')], { token: 'expired' })
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    await vi.waitFor(() => expect(store.getSnapshot().isExpired).toBe(true), 50_000)
    expect(store.getSnapshot().problem).toBeNull()
    store.close()
    store.resume({ ...plan, token: 'new' })
    await waitUntilSettled(store)
    expect(store.valueAt(0, 1)).toBe(0n)
    expect(store.getSnapshot().isExpired).toBe(false)
  })

  test('a worker that is stuck in a file is ended, and another reads the next rows', async () => {
    vi.useFakeTimers()
    const { worker, hang: setHanging } = createWorkers()
    const scan = worker.open(READ_PLAN)
    setHanging(true)
    const stuck = scan.readRows(FIRST_ROW, new AbortController().signal)
    const outcome = stuck.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(30_000)
    const file = 'file:///lake/a.parquet'
    expect(await outcome).toMatchObject({ code: 'too-large', message: expect.stringContaining(file), facts: { file } })
    setHanging(false)
    vi.useRealTimers()
    const result = await scan.readRows(FIRST_ROW, new AbortController().signal)
    expect(result.batches[0]?.columns.get(1)).toEqual([0n])
  })

  test('the file that crashes a worker is named; no file is blamed for a worker that never replied', async () => {
    const { worker, hang: setHanging, fail } = createWorkers()
    const scan = worker.open(READ_PLAN)
    const files = [liveFile('a'), liveFile('b', ROWS)]
    const range = { firstRow: ROWS - 1, lastRow: ROWS + 1, fieldIds: [1], files }
    const read = () => scan.readRows(range, new AbortController().signal)
    setHanging(true)
    const unanswered = read()
    fail()
    await expect(unanswered).rejects.toMatchObject({ code: 'internal' })
    setHanging(false)
    await read()
    setHanging(true)
    const broken = read()
    fail()
    const message = expect.stringContaining('file:///lake/a.parquet and 1 more')
    await expect(broken).rejects.toMatchObject({ code: 'too-large', message })
  })

  test('a cancelled request rejects at once', async () => {
    const { worker } = createWorkers()
    const scan = worker.open(READ_PLAN)
    const controller = new AbortController()
    const running = scan.readRows(FIRST_ROW, controller.signal)
    controller.abort()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await expect(scan.readRows(FIRST_ROW, controller.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('rows that are sorted', () => {
  const DESCENDING = { fieldId: 1, isDescending: true, areNullsFirst: false }

  test('are all rows of the scan, and only the visible ones are read with other columns', async () => {
    const { store, requests } = openStore([plannedFile('a'), plannedFile('b', ROWS)])
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1, 2] })
    await waitUntilSettled(store)
    requests.length = 0
    await store.sortBy(DESCENDING)
    await waitUntilSettled(store)
    expect(store.getSnapshot().sort).toEqual({ status: 'sorted', order: DESCENDING })
    // Both files have the same values.
    expect([0, 1, 2, 3].map((row) => store.valueAt(row, 1))).toEqual(
      [ROWS - 1, ROWS - 1, ROWS - 2, ROWS - 2].map(BigInt),
    )
    expect(store.originOf(0)).toMatchObject({ file: { path: 'file:///lake/a.parquet' }, position: ROWS - 1 })
    expect(store.originOf(1)).toMatchObject({ file: { path: 'file:///lake/b.parquet' }, position: ROWS - 1 })
    expect(requests.map(({ rows }) => rows?.length)).toEqual([256])
    store.unsort()
    await waitUntilSettled(store)
    expect([store.valueAt(0, 1), store.getSnapshot().sort.status]).toEqual([0n, 'none'])
  })

  test('report progress, and a cancelled sort changes nothing', async () => {
    const { store } = openStore([plannedFile('a'), plannedFile('b', ROWS)])
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    await waitUntilSettled(store)
    const sorting = store.sortBy(DESCENDING)
    expect(store.getSnapshot().sort).toMatchObject({ status: 'running', readRows: 0 })
    store.unsort()
    await sorting
    await waitUntilSettled(store)
    expect([store.valueAt(0, 1), store.getSnapshot().sort.status]).toEqual([0n, 'none'])
  })
})

describe('rows that are deleted', () => {
  /** Every file loses its first rows: as many as its delete file has records. */
  const deleteFile = (index: number, count: number, overrides: Partial<PlannedDeleteFile> = {}): PlannedDeleteFile => ({
    index,
    path: `file:///lake/deletes-${count}.parquet`,
    content: 'position-deletes',
    format: 'parquet',
    fileSizeBytes: 1000,
    recordCount: count,
    equalityIds: [],
    equalityFields: [],
    contentOffset: null,
    contentSizeBytes: null,
    referencedDataFile: null,
    ...overrides,
  })
  /** Three files, of which the first two have deletes. */
  const filesWithDeletes = () => [
    { ...plannedFile('a'), deletes: [0] },
    { ...plannedFile('b', ROWS), deletes: [1] },
    plannedFile('c', 2 * ROWS),
  ]
  const DELETES = [deleteFile(0, 5), deleteFile(1, 7)]
  const openWithDeletes = (deleteFiles: readonly PlannedDeleteFile[], deleteFileCount = deleteFiles.length) => {
    const fake = createWorkers()
    const plan = { ...toPlan(filesWithDeletes()), deleteFiles: [...deleteFiles], deleteFileCount }
    const store = new RowStore(fake.worker, plan, FIELDS)
    return { store, plan, ...fake }
  }
  const waitUntilCounted = (store: RowStore) =>
    vi.waitFor(() => expect(store.getSnapshot().counting).not.toBe('running'), 50_000)

  test('are neither shown nor counted, and a row knows its position in its file', async () => {
    const { store, plan } = openWithDeletes(DELETES)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS, counting: 'running' })
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1, 2] })
    store.resume(plan)
    await waitUntilCounted(store)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS - 12, counting: 'exact', problem: null })
    expect([store.valueAt(0, 1), store.valueAt(29, 1), store.valueAt(0, 2)]).toEqual([5n, 34n, 'ABQ'])
    expect(store.originOf(0)).toMatchObject({ file: { path: 'file:///lake/a.parquet' }, position: 5 })
    store.setVisibleRows({ firstRow: ROWS - 20, lastRow: ROWS + 10, fieldIds: [1] })
    await waitUntilSettled(store)
    // The last row of the first file, then the eighth of the second.
    expect([ROWS - 6, ROWS - 5].map((row) => store.valueAt(row, 1))).toEqual([BigInt(ROWS - 1), 7n])
    expect(store.originOf(ROWS - 5)).toMatchObject({ file: { path: 'file:///lake/b.parquet' }, position: 7 })
    store.setVisibleRows({ firstRow: 3 * ROWS - 30, lastRow: 3 * ROWS - 12, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.valueAt(3 * ROWS - 13, 1)).toBe(BigInt(ROWS - 1))
    expect(store.valueAt(3 * ROWS - 12, 1)).toBeUndefined()
  })

  test('are shown in place with the delete files that delete them, when they are asked for', async () => {
    const { worker, plan } = openWithDeletes(DELETES)
    const store = new RowStore(worker, plan, FIELDS, undefined, { showsDeleted: true })
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS, counting: 'exact' })
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    store.resume(plan)
    await waitUntilSettled(store)
    expect([store.valueAt(0, 1), store.valueAt(5, 1)]).toEqual([0n, 5n])
    expect(store.deletesOf(4).map(({ path }) => path)).toEqual(['file:///lake/deletes-5.parquet'])
    expect([store.deletesOf(5), store.deletesOf(1000)]).toEqual([[], []])
    store.setVisibleRows({ firstRow: ROWS, lastRow: ROWS + 10, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.deletesOf(ROWS + 6).map(({ index }) => index)).toEqual([1])
    expect(store.deletesOf(ROWS + 7)).toEqual([])
    expect(store.originOf(ROWS + 6)).toMatchObject({ file: { path: 'file:///lake/b.parquet' }, position: 6 })
  })

  test('are not among sorted ones, unless they are shown', async () => {
    for (const showsDeleted of [false, true]) {
      const { worker, plan } = openWithDeletes(DELETES)
      const store = new RowStore(worker, plan, FIELDS, undefined, { showsDeleted })
      store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
      store.resume(plan)
      await store.sortBy({ fieldId: 1, isDescending: false, areNullsFirst: false })
      await waitUntilSettled(store)
      const values = Array.from({ length: 9 }, (_, row) => store.valueAt(row, 1))
      // One of three files loses its first 5 rows and one its first 7.
      expect(values).toEqual(showsDeleted ? [0n, 0n, 0n, 1n, 1n, 1n, 2n, 2n, 2n] : [0n, 1n, 2n, 3n, 4n, 5n, 5n, 6n, 6n])
      expect(store.deletesOf(0).length).toBe(showsDeleted ? 1 : 0)
      expect(store.getSnapshot()).toMatchObject({ counting: 'exact', rowCount: 3 * ROWS - (showsDeleted ? 0 : 12) })
    }
  })

  test('before those on screen let them move up, without reading them again', async () => {
    const { store, plan, requests } = openWithDeletes(DELETES)
    const row = 2 * ROWS + 300
    store.setVisibleRows({ firstRow: row, lastRow: row + 30, fieldIds: [1] })
    const shown: unknown[] = []
    store.subscribe(() => {
      const { moved } = store.getSnapshot()
      shown.push(store.valueAt(movedRow(row, moved.shrunk), 1))
    })
    store.resume(plan)
    await waitUntilCounted(store)
    const { moved, rowCount } = store.getSnapshot()
    expect([moved.revision, movedRow(row, moved.shrunk), rowCount]).toEqual([1, row - 12, 3 * ROWS - 12])
    expect([store.valueAt(row - 12, 1), store.valueAt(row + 17, 1)]).toEqual([300n, 329n])
    expect(store.originOf(row - 12)).toMatchObject({ file: { path: 'file:///lake/c.parquet' }, position: 300 })
    // From when it was read, the first row on screen was the same.
    expect(shown.slice(shown.indexOf(300n)).every((value) => value === 300n)).toBe(true)
    expect(requests[0]).toMatchObject({ firstRow: 4096 })
  })

  test('by a deletion vector are counted without reading it', async () => {
    const vectors = DELETES.map((file) => ({ ...file, format: 'puffin' as const }))
    const { store, plan, opened } = openWithDeletes(vectors)
    store.resume(plan)
    await waitUntilCounted(store)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS - 12, counting: 'exact' })
    expect(opened).toEqual([])
  })

  test('are counted only when the user asks for it if much has to be read', async () => {
    const large = DELETES.map((file) => ({ ...file, fileSizeBytes: 2 ** 30 }))
    const { store, plan, opened } = openWithDeletes(large)
    store.resume(plan)
    await waitUntilCounted(store)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS, counting: 'paused' })
    expect(opened).toEqual([])
    store.countRows()
    await waitUntilCounted(store)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 3 * ROWS - 12, counting: 'exact' })
  })

  test('that cannot be counted leave the count open, with the reason, until it is retried', async () => {
    const { store, plan, repair } = openWithDeletes([
      DELETES[0] ?? deleteFile(0, 5),
      deleteFile(1, 7, { path: 'file:///lake/missing-7.parquet' }),
    ])
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1] })
    store.resume(plan)
    await waitUntilCounted(store)
    const message = expect.stringContaining('missing-7.parquet is missing')
    const problem = expect.objectContaining({ code: 'file-missing', message })
    expect(store.getSnapshot()).toMatchObject({ counting: 'failed', countProblem: problem, problem: null })
    expect(store.valueAt(0, 1)).toBe(5n)
    store.setVisibleRows({ firstRow: ROWS + 600, lastRow: ROWS + 630, fieldIds: [1] })
    await waitUntilSettled(store)
    expect(store.getSnapshot()).toMatchObject({ problem })
    repair()
    store.retry()
    store.countRows()
    await waitUntilCounted(store)
    await waitUntilSettled(store)
    expect(store.getSnapshot()).toMatchObject({ counting: 'exact', problem: null, rowCount: 3 * ROWS - 12 })
  })

  test('are never shown when the server leaves out a delete file', () => {
    expect(() => openWithDeletes(DELETES.slice(0, 1))).toThrow('The server listed no delete file with the index 1.')
  })
})

function plannedFile(name: string, firstRowIndex = 0): PlannedFile {
  return {
    index: firstRowIndex / ROWS,
    path: `file:///lake/${name}.parquet`,
    fileFormat: 'parquet',
    fileSizeBytes: bytes.length,
    recordCount: ROWS,
    firstRowIndex,
    sequenceNumber: 1,
    firstRowId: null,
    specId: 0,
    partition: '',
    constants: [{ fieldId: 2, type: 'string', value: btoa('ABQ') }],
    deletes: [],
  }
}

function liveFile(name: string, firstRowIndex = 0): LiveFile<ListedFile> {
  return {
    file: { ...plannedFile(name, firstRowIndex), deletes: [] },
    firstLiveRow: firstRowIndex,
    liveRowCount: ROWS,
  }
}

const READ_PLAN = { token: 'token', fields: FIELDS, nameMapping: null }
// Getters, because the size of the file is known only once it is written.
const FIRST_ROW = {
  firstRow: 0,
  lastRow: 1,
  fieldIds: [1],
  get files() {
    return [liveFile('a')]
  },
}

function toPlan(files: readonly PlannedFile[], token = 'token'): SignedScanPlan {
  return {
    token,
    snapshotId: '1',
    committedAtMs: 0,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [...FIELDS] },
    rowCount: files.length * ROWS,
    fileCount: files.length,
    deleteFileCount: 0,
    deleteBytes: 0,
    deleteFiles: [],
    totalBytes: files.length * bytes.length,
    expiresAtMs: 0,
    nameMapping: null,
    defaults: [],
    files: [...files],
  }
}

/** Workers that run in this thread: their messages are copied and delivered later, like those of real ones. */
function createWorkers() {
  const requests: Pick<RowRange, 'firstRow' | 'lastRow' | 'fieldIds' | 'rows'>[] = []
  let cancelCount = 0
  let isHanging = false
  let isRepaired = false
  let newest = new EventTarget()
  const open = (file: ListedFile, token: string): ByteSource => ({
    name: file.path,
    byteLength: file.fileSizeBytes,
    read: async (start, end, signal) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (signal?.aborted) throw new AppError('cancelled', 'cancelled')
      if (token === 'expired') throw new AppError('token-expired', 'expired')
      if (file.path.includes('missing') && !isRepaired) throw new AppError('file-missing', `${file.path} is missing`)
      return bytes.slice(start, end)
    },
  })
  const opened: string[] = []
  const openDelete = (file: DeleteFile): ByteSource => {
    opened.push(file.path)
    const content = deletes.get(file.recordCount) ?? new Uint8Array()
    const read = async (start: number, end: number) => {
      if (file.path.includes('missing') && !isRepaired) throw new AppError('file-missing', `${file.path} is missing`)
      return content.slice(start, end)
    }
    return { name: file.path, byteLength: content.length, read }
  }
  const worker = new RowWorker(() => {
    const target = new EventTarget()
    newest = target
    const serve = createRowServer(
      (message: RowsReply) =>
        queueMicrotask(() => target.dispatchEvent(new MessageEvent('message', { data: structuredClone(message) }))),
      { codecs: pageCodecs, open, openDelete },
    )
    const postMessage = (request: RowsRequest) => {
      if (isHanging) return
      if (request.kind === 'rows') {
        const { firstRow, lastRow, fieldIds, rows } = request
        requests.push({ firstRow, lastRow, fieldIds, ...(rows && { rows }) })
      }
      if (request.kind === 'cancel') cancelCount += 1
      const copy = structuredClone(request)
      queueMicrotask(() => serve(copy))
    }
    return Object.assign(target, { postMessage, terminate: () => undefined }) as Partial<Worker> as Worker
  })
  return {
    worker,
    requests,
    /** Delete files that were read. */
    opened,
    cancelled: () => cancelCount,
    fail: () => newest.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
    hang: (hangs: boolean) => {
      isHanging = hangs
    },
    repair: () => {
      isRepaired = true
    },
  }
}

function openStore(files: readonly PlannedFile[], { token = 'token' } = {}) {
  const fake = createWorkers()
  const plan = toPlan(files, token)
  const store = new RowStore(fake.worker, plan, FIELDS)
  store.resume(plan)
  return { store, plan, ...fake }
}

async function waitUntilSettled(store: RowStore): Promise<void> {
  await vi.waitFor(() => expect(store.getSnapshot().isReading).toBe(false), 50_000)
}
