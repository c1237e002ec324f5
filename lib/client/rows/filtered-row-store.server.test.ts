import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PlannedDeleteFile, PlannedFile } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { FilteredRowStore } from './filtered-row-store'
import type { FilteredPlan, ListFilteredFiles } from './filtered-scan'
import type { RowsReply, RowsRequest } from './row-messages'
import { RowWorker } from './row-worker'
import { createRowServer } from './serve-rows'

const ROWS = 5000
const FILES = 4
const FIELDS = [
  { id: 1, name: 'n', required: false, type: 'long' },
  { id: 2, name: 'word', required: false, type: 'string' },
] as const
const NO_SKIPS = {
  manifests: 0,
  files: {
    partition: { files: 0, rows: 0 },
    'null-counts': { files: 0, rows: 0 },
    bounds: { files: 0, rows: 0 },
  },
}

let folder: string
const contents = new Map<string, Uint8Array>()
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-filtered-store-'))
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const write = async (name: string, select: string, options: string) => {
    const local = path.join(folder, name)
    await duckdb.run(`COPY (${select}) TO '${local}' (FORMAT parquet, ${options})`)
    contents.set(`mem:${name}`, new Uint8Array(readFileSync(local)))
  }
  for (let index = 0; index < FILES; index++) {
    const from = index * ROWS
    const select = `SELECT i AS n, 'w' || (i % 700) AS word FROM range(${from}, ${from + ROWS}) t(i)`
    await write(`${index}.parquet`, select, 'ROW_GROUP_SIZE 2048, FIELD_IDS {n: 1, word: 2}')
  }
  // Deletes every row of the first file whose number is even.
  const deletes = `SELECT 'mem:0.parquet' AS file_path, i::BIGINT AS pos FROM range(0, ${ROWS}, 2) t(i)`
  await write('deletes.parquet', deletes, 'FIELD_IDS {file_path: 2147483546, pos: 2147483545}')
  duckdb.closeSync()
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('The rows of a filter', () => {
  it('are found in all files without the deleted ones, and counted when the search is over', async () => {
    const { store } = openStore('word = "w3"')
    expect(store.getSnapshot()).toMatchObject({ rowCount: 0, counting: 'running', search: { status: 'running' } })
    store.setVisibleRows({ firstRow: 0, lastRow: 30, fieldIds: [1, 2] })
    await waitUntilComplete(store)
    const expected = numbers((n) => n % 700 === 3 && !(n < ROWS && n % 2 === 0))
    expect(store.getSnapshot()).toMatchObject({ rowCount: expected.length, counting: 'exact', problem: null })
    expect(readColumn(store, expected.length)).toEqual(expected)
    expect(store.valueAt(0, 2)).toBe('w3')
    expect(store.valueAt(expected.length, 1)).toBeUndefined()
    expect(store.getSnapshot().search?.progress).toMatchObject({ filesSearched: FILES, isComplete: true })
  })

  it('know the file that they are from, and their position in it', async () => {
    const { store } = openStore('n in (3, 7001)')
    store.setVisibleRows({ firstRow: 0, lastRow: 2, fieldIds: [1] })
    await waitUntilComplete(store)
    expect(store.originOf(0)).toMatchObject({ file: { path: 'mem:0.parquet' }, position: 3 })
    expect(store.originOf(1)).toMatchObject({ file: { path: 'mem:1.parquet' }, position: 2001 })
    expect(store.originOf(2)).toBeNull()
  })

  it('are read where they are visible, although others are still searched', async () => {
    const { store } = openStore('n >= 0')
    store.setVisibleRows({ firstRow: 0, lastRow: 20, fieldIds: [1] })
    await waitUntilComplete(store)
    store.setVisibleRows({ firstRow: 10_000, lastRow: 10_030, fieldIds: [1] })
    await vi.waitFor(() => expect(store.valueAt(10_029, 1)).toBe(12_529n), 50_000)
    expect(store.valueAt(0, 1)).toBe(1n)
  })

  it('are searched in files that are listed page by page, and what the server skipped adds up', async () => {
    const skipped = { ...NO_SKIPS, manifests: 1, files: { ...NO_SKIPS.files, bounds: { files: 2, rows: 7 } } }
    const { store, listed } = openStore('n = 15001', { firstPage: 1, skipped })
    store.setVisibleRows({ firstRow: 0, lastRow: 1, fieldIds: [1] })
    await waitUntilComplete(store)
    expect(store.valueAt(0, 1)).toBe(15_001n)
    expect(listed).toEqual([1, 2, 3])
    expect(store.getSnapshot().search?.skipped).toMatchObject({
      manifests: 4,
      files: { bounds: { files: 8, rows: 28 } },
    })
  })

  it('are not complete when files cannot be listed, and none is lost when the search continues', async () => {
    const { store, failNext } = openStore('n = 15001', { firstPage: 1 })
    failNext(new AppError('server-unreachable', 'The server did not respond.'))
    await vi.waitFor(() => expect(store.getSnapshot().search?.status).toBe('failed'), 50_000)
    expect(store.getSnapshot()).toMatchObject({ counting: 'failed', countProblem: { code: 'server-unreachable' } })
    store.countRows()
    await waitUntilComplete(store)
    expect(store.getSnapshot().rowCount).toBe(1)
  })

  it('wait for the user when much was read, and when the user stops the search', async () => {
    const { store, pause } = openStore('n >= 0', { maxUnaskedBytes: 100 })
    await vi.waitFor(() => expect(store.getSnapshot().search?.status).toBe('paused'), 50_000)
    expect(store.getSnapshot()).toMatchObject({ counting: 'paused', search: { progress: { rowGroupsSearched: 1 } } })
    store.countRows()
    expect(store.getSnapshot().search?.status).toBe('running')
    store.pauseSearch()
    expect(store.getSnapshot().search?.status).toBe('paused')
    await pause()
    expect(store.getSnapshot().search?.status).toBe('paused')
    store.countRows()
    await waitUntilComplete(store)
    expect(store.getSnapshot().rowCount).toBe(FILES * ROWS - ROWS / 2)
  })

  it('of a damaged file are a failed search, which names the file', async () => {
    const { store } = openStore('n >= 0', { damaged: 'mem:2.parquet' })
    await vi.waitFor(() => expect(store.getSnapshot().search?.status).toBe('failed'), 50_000)
    const { search, rowCount } = store.getSnapshot()
    expect(search?.problem).toMatchObject({ message: expect.stringContaining('mem:2.parquet') })
    expect(rowCount).toBe(2 * ROWS - ROWS / 2)
  })

  it('are read with the token of the next plan after one has expired, and not searched again', async () => {
    const { store, plan, expire } = openStore('n = 15001', { firstPage: 1 })
    expire(true)
    await vi.waitFor(() => expect(store.getSnapshot().isExpired).toBe(true), 50_000)
    expire(false)
    store.resume({ ...plan, token: 'another' })
    await waitUntilComplete(store)
    expect(store.getSnapshot()).toMatchObject({ rowCount: 1, isExpired: false })
  })

  it('are found by a worker that had to be restarted', async () => {
    const { store, crash } = openStore('word = "w3"', { firstPage: 1 })
    await waitUntilComplete(store)
    crash()
    store.setVisibleRows({ firstRow: 20, lastRow: 25, fieldIds: [1] })
    const expected = numbers((n) => n % 700 === 3 && !(n < ROWS && n % 2 === 0))
    await vi.waitFor(() => expect(store.valueAt(20, 1)).toBe(expected[20]), 50_000)
  })

  it('cannot be read with a filter that does not fit', async () => {
    const { store } = openStore('n = "many"')
    await vi.waitFor(() => expect(store.getSnapshot().search?.status).toBe('failed'), 50_000)
    expect(store.getSnapshot().countProblem).toMatchObject({ code: 'invalid-request' })
  })

  it('are sorted over all files, deleted ones left out, and know where they are from', async () => {
    const { store } = openStore('word in ("w3", "w10")', { maxUnaskedBytes: 100 })
    await vi.waitFor(() => expect(store.getSnapshot().search?.status).toBe('paused'), 50_000)
    store.setVisibleRows({ firstRow: 0, lastRow: 60, fieldIds: [1, 2] })
    await store.sortBy({ fieldId: 2, isDescending: true, areNullsFirst: false })
    await waitUntilComplete(store)
    const matches = numbers((n) => [3, 10].includes(n % 700) && !(n < ROWS && n % 2 === 0))
    // As texts, "w3" is after "w10"; rows with the same word stay in the order of the files.
    const expected = [...matches.filter((n) => n % 700n === 3n), ...matches.filter((n) => n % 700n === 10n)]
    expect(store.getSnapshot()).toMatchObject({ counting: 'exact', rowCount: expected.length })
    expect(store.getSnapshot().sort).toMatchObject({ status: 'sorted', order: { fieldId: 2 } })
    expect(readColumn(store, expected.length)).toEqual(expected)
    expected.forEach((n, row) => {
      const origin = store.originOf(row)
      expect([origin?.file.index, origin?.position]).toEqual([Math.floor(Number(n) / ROWS), Number(n) % ROWS])
    })
    store.unsort()
    await waitUntilComplete(store)
    expect(readColumn(store, matches.length)).toEqual(matches)
  })

  it('are sorted again by another column, and not at all once the search is stopped', async () => {
    const { store, pause } = openStore('n >= 9990')
    store.setVisibleRows({ firstRow: 0, lastRow: 20, fieldIds: [1] })
    const first = store.sortBy({ fieldId: 2, isDescending: false, areNullsFirst: false })
    await store.sortBy({ fieldId: 1, isDescending: true, areNullsFirst: false })
    await first
    await waitUntilComplete(store)
    expect(store.valueAt(0, 1)).toBe(BigInt(FILES * ROWS - 1))
    const other = openStore('n >= 0')
    const stopped = other.store.sortBy({ fieldId: 1, isDescending: true, areNullsFirst: false })
    other.store.pauseSearch()
    await stopped
    await pause()
    expect(other.store.getSnapshot()).toMatchObject({ sort: { status: 'none' }, search: { status: 'paused' } })
  })

  it('are not sorted when a file is damaged, which is the problem of the sort', async () => {
    const { store } = openStore('n >= 0', { damaged: 'mem:2.parquet', maxUnaskedBytes: 100 })
    await store.sortBy({ fieldId: 1, isDescending: true, areNullsFirst: false })
    const { sort, search } = store.getSnapshot()
    expect(sort).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('mem:2.parquet') } })
    expect(search).toMatchObject({ status: 'paused', problem: null })
    expect(store.sortedRows).toBeNull()
  })
})

function numbers(passes: (n: number) => boolean): bigint[] {
  return Array.from({ length: FILES * ROWS }, (_, n) => n).flatMap((n) => (passes(n) ? [BigInt(n)] : []))
}

function readColumn(store: FilteredRowStore, rowCount: number) {
  return Array.from({ length: rowCount }, (_, row) => store.valueAt(row, 1))
}

async function waitUntilComplete(store: FilteredRowStore): Promise<void> {
  await vi.waitFor(
    () => expect(store.getSnapshot()).toMatchObject({ isReading: false, search: { status: 'complete' } }),
    50_000,
  )
}

const DELETE_FILE: PlannedDeleteFile = {
  index: 0,
  path: 'mem:deletes.parquet',
  content: 'position-deletes',
  format: 'parquet',
  fileSizeBytes: 0,
  recordCount: ROWS / 2,
  equalityIds: [],
  equalityFields: [],
  contentOffset: null,
  contentSizeBytes: null,
  referencedDataFile: null,
}

function plannedFile(index: number): PlannedFile {
  return {
    index,
    path: `mem:${index}.parquet`,
    fileFormat: 'parquet',
    fileSizeBytes: contents.get(`mem:${index}.parquet`)?.length ?? 0,
    recordCount: ROWS,
    firstRowIndex: index * ROWS,
    sequenceNumber: 1,
    firstRowId: null,
    specId: 0,
    partition: '',
    constants: [],
    deletes: index === 0 ? [0] : [],
  }
}

/** A store whose worker runs in this thread: its messages are copied and delivered later, like those of real ones. */
function openStore(
  filter: string,
  {
    firstPage = FILES,
    skipped = NO_SKIPS,
    damaged = '',
    maxUnaskedBytes,
  }: { firstPage?: number; skipped?: typeof NO_SKIPS; damaged?: string; maxUnaskedBytes?: number } = {},
) {
  let nextFailure: AppError | null = null
  let isExpired = false
  let newest = new EventTarget()
  const openSource = (location: string) => {
    const content = contents.get(location) ?? new Uint8Array()
    const read = async (start: number, end: number) => {
      if (isExpired) throw new AppError('token-expired', 'expired')
      if (location === damaged) throw new AppError('file-damaged', `${location}: it is damaged`)
      return content.slice(start, end)
    }
    return { name: location, byteLength: content.length, read }
  }
  const worker = new RowWorker(() => {
    const target = new EventTarget()
    newest = target
    const reply = (message: RowsReply) => {
      const data = structuredClone(message)
      queueMicrotask(() => target.dispatchEvent(new MessageEvent('message', { data })))
    }
    const open = ({ path: location }: { path: string }) => openSource(location)
    const serve = createRowServer(reply, { codecs: pageCodecs, open, openDelete: open })
    const postMessage = (request: RowsRequest) => {
      const copy = structuredClone(request)
      setTimeout(() => serve(copy), 0)
    }
    return Object.assign(target, { postMessage, terminate: () => undefined }) as Partial<Worker> as Worker
  })
  const listed: number[] = []
  const listFiles: ListFilteredFiles = async ({ fromFile }) => {
    const failure = nextFailure
    nextFailure = null
    if (failure) throw failure
    listed.push(fromFile)
    const nextFile = fromFile + 1 < FILES ? fromFile + 1 : null
    return { files: [plannedFile(fromFile)], deleteFiles: [], nextFile, skipped }
  }
  const plan: FilteredPlan = {
    token: 'token',
    expiresAtMs: 0,
    snapshotId: '1',
    committedAtMs: 0,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [...FIELDS] },
    defaults: [],
    rowCount: FILES * ROWS,
    fileCount: FILES,
    deleteFileCount: 1,
    deleteBytes: 0,
    totalBytes: null,
    nameMapping: null,
    files: Array.from({ length: firstPage }, (_, index) => plannedFile(index)),
    deleteFiles: [{ ...DELETE_FILE, fileSizeBytes: contents.get(DELETE_FILE.path)?.length ?? 0 }],
    filtered: { nextFile: firstPage < FILES ? firstPage : null, skipped },
  }
  const where = stringifyExactJson(predicateToJson(parsePredicateText(filter)))
  const store = new FilteredRowStore(worker, plan, {
    where,
    fields: FIELDS,
    listFiles,
    ...(maxUnaskedBytes !== undefined && { maxUnaskedBytes }),
  })
  store.resume(plan)
  return {
    store,
    plan,
    listed,
    failNext: (error: AppError) => {
      nextFailure = error
    },
    expire: (expired: boolean) => {
      isExpired = expired
    },
    crash: () => newest.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
    pause: () => new Promise((resolve) => setTimeout(resolve, 50)),
  }
}
