import { describe, expect, test, vi } from 'vitest'
import type { PlannedFile, SignedScanPlan } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import { createTableFiles, listFilteredFiles, planTable } from './plan-table'

const signal = new AbortController().signal

function plannedFile(index: number): PlannedFile {
  return {
    index,
    path: `file:///lake/${index}.parquet`,
    fileFormat: 'parquet',
    fileSizeBytes: 100,
    recordCount: 10,
    firstRowIndex: index * 10,
    sequenceNumber: 1,
    firstRowId: null,
    specId: 0,
    partition: '',
    constants: [],
    deletes: [],
  }
}

/** A plan of this many files, of which it contains the first ten, and the requests for the others. */
function createPlan(fileCount: number, missing: number | null = null) {
  const all = Array.from({ length: fileCount }, (_, index) => plannedFile(index))
  const plan: SignedScanPlan = {
    token: 'a.b',
    expiresAtMs: 0,
    snapshotId: '1',
    committedAtMs: 0,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
    rowCount: fileCount * 10,
    fileCount,
    deleteFileCount: 0,
    deleteBytes: 0,
    deleteFiles: [],
    totalBytes: null,
    nameMapping: null,
    defaults: [],
    files: all.slice(0, 10),
  }
  const requests: { fromFile: number; limit: number }[] = []
  const files = createTableFiles(plan, async ({ fromFile, limit }) => {
    requests.push({ fromFile, limit })
    const end = fromFile + limit
    return { files: all.slice(fromFile, end).filter(({ index }) => index !== missing), deleteFiles: [] }
  })
  return { plan, files, requests }
}

test('The files of a table are listed in pages as they are consumed, each at its address', async () => {
  const { files, requests } = createPlan(2_500)
  const urls: string[] = []
  for await (const { url } of files.list(signal)) urls.push(url)
  expect(urls).toEqual(Array.from({ length: 2_500 }, (_, index) => `/api/v1/scans/a.b/files/${index}`))
  expect(requests).toEqual([
    { fromFile: 10, limit: 1000 },
    { fromFile: 1010, limit: 1000 },
    { fromFile: 2010, limit: 1000 },
  ])
})

test('A reader that needs the first files only requests no others', async () => {
  const { files, requests } = createPlan(2_500)
  for await (const { name } of files.list(signal)) if (name.endsWith('/5.parquet')) break
  expect(requests).toEqual([])
})

test('Single files are requested one by one, unless the plan has them', async () => {
  const { files, requests } = createPlan(2_500)
  const names = (await files.at([3, 1200, 2499], signal)).map(({ name }) => name)
  expect(names).toEqual(['file:///lake/3.parquet', 'file:///lake/1200.parquet', 'file:///lake/2499.parquet'])
  expect(requests).toEqual([
    { fromFile: 1200, limit: 1 },
    { fromFile: 2499, limit: 1 },
  ])
  await expect(files.at([5000], signal)).rejects.toThrow(AppError)
})

test('Files that the server leaves out are an error, and not fewer rows', async () => {
  const { files } = createPlan(2_500, 2_400)
  const listAll = async () => {
    for await (const _ of files.list(signal));
  }
  await expect(listAll()).rejects.toThrow('no file with the index 2400')
})

test('A plan that has all files needs no request', async () => {
  const { files, requests } = createPlan(10)
  expect(await files.at([0, 9], signal)).toHaveLength(2)
  let count = 0
  for await (const _ of files.list(signal)) count += 1
  expect([count, requests]).toEqual([10, []])
})

describe('A plan with a filter', () => {
  const { plan } = createPlan(10)
  const skipped = { files: 0, rows: 0 }
  const filteredPlan = (nextFile: number | null): SignedScanPlan => ({
    ...plan,
    files: [plannedFile(3)],
    filtered: {
      nextFile,
      skipped: { manifests: 0, files: { partition: skipped, 'null-counts': skipped, bounds: skipped } },
    },
  })
  const options = { signal, isRetry: false }

  test('lists the files that remain, in pages that may be empty', async () => {
    const pages = new Map([
      [7, { files: [], deleteFiles: [], nextFile: 500 }],
      [500, { files: [plannedFile(501), plannedFile(640)], deleteFiles: [], nextFile: null }],
    ])
    const listed = await listFilteredFiles(filteredPlan(7), options, async ({ fromFile }) => {
      const page = pages.get(fromFile)
      if (!page) throw new Error(`no page starts at ${fromFile}`)
      return page
    })
    expect(listed).toMatchObject({ snapshotId: '1', fileCount: 3, rowCount: 30 })
    const urls = (await listed?.files.at([0, 1, 2], signal))?.map(({ url }) => url)
    expect(urls).toEqual([3, 501, 640].map((index) => `/api/v1/scans/a.b/files/${index}`))
  })

  test('is given up when too many files remain', async () => {
    const page = Array.from({ length: 1000 }, (_, i) => plannedFile(i))
    let requestCount = 0
    const listed = await listFilteredFiles(filteredPlan(7), options, async ({ fromFile }) => {
      requestCount += 1
      return { files: page, deleteFiles: [], nextFile: fromFile + 1000 }
    })
    expect([listed, requestCount]).toEqual([null, 10])
  })

  test('is an error when its pages do not go on', async () => {
    const listing = listFilteredFiles(filteredPlan(7), options, async () => ({
      files: [],
      deleteFiles: [],
      nextFile: 7,
    }))
    await expect(listing).rejects.toThrow('no file with the index 7')
  })
})

test('A table is read with another schema than that of its snapshot by field id, with the defaults of its columns', async () => {
  const { plan } = createPlan(0)
  const own = { id: 1, name: 'amount', type: 'int' as const, required: false }
  const answer = {
    ...plan,
    schema: { ...plan.schema, fields: [own] },
    defaults: [{ fieldId: 2, value: '"EU"' }],
  }
  vi.stubGlobal('fetch', async () => Response.json(answer))
  const schema = {
    schemaId: 3,
    identifierFieldIds: [],
    fields: [
      { ...own, name: 'total' },
      { id: 2, name: 'region', type: 'string' as const, required: false },
    ],
  }
  const identifier = { catalog: 'local', namespace: ['demo'], table: 'orders' }
  const options = { signal, isRetry: false }
  const scan = await planTable(identifier, { snapshotId: '1' }, { ...options, schema })
  expect(scan.fields).toEqual([schema.fields[0], { ...schema.fields[1], initialDefault: 'EU' }])
  expect([...(scan.snapshotFieldIds ?? [])]).toEqual([1])
  const unchanged = await planTable(identifier, { snapshotId: '1' }, options)
  expect(unchanged.fields).toEqual([own])
  expect(unchanged.snapshotFieldIds).toBeUndefined()
  // Columns that were loaded with one schema are not used for another.
  expect(unchanged.key).not.toBe(scan.key)
})
