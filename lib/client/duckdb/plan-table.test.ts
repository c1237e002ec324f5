import { expect, test } from 'vitest'
import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import { createTableFiles } from './plan-table'

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
  return { files, requests }
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
