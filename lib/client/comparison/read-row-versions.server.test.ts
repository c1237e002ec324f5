import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import * as endpointCalls from '@/lib/api/call-endpoint'
import { rowWorker } from '../rows/row-worker'
import { type MatchingRows, readMatchingRows } from './read-row-versions'

const callEndpoint = vi.fn()
const scan = { search: vi.fn(), readMatches: vi.fn(), close: vi.fn() }

const FIELDS: NestedField[] = [{ id: 1, name: 'id', required: true, type: 'long' }]
const REQUEST = {
  table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
  snapshotId: '7',
  where: '{"type":"true"}',
  fields: FIELDS,
}
const { signal } = new AbortController()
const planOf = (paths: readonly string[], nextFile: number | null = null): Partial<SignedScanPlan> => ({
  token: 't',
  nameMapping: null,
  defaults: [],
  deleteFiles: [],
  files: paths.map((path, index) => ({
    index,
    path,
    fileFormat: 'parquet',
    fileSizeBytes: 100,
    recordCount: 10,
    firstRowIndex: 10 * index,
    sequenceNumber: 1,
    firstRowId: null,
    specId: 0,
    partition: '',
    constants: [],
    deletes: [],
  })),
  filtered: { nextFile, skipped: { manifests: 0, files: 0, rows: 0 } as never },
})

beforeEach(() => {
  vi.clearAllMocks()
  vi.spyOn(endpointCalls, 'callEndpoint').mockImplementation(callEndpoint)
  vi.spyOn(rowWorker, 'open').mockReturnValue(scan as never)
  callEndpoint.mockResolvedValue(planOf(['a']))
  scan.search.mockResolvedValue({
    progress: { matchCount: 1, isComplete: true },
    problem: null,
    cost: { bytesRead: 60, filesRead: 1 },
  })
  scan.readMatches.mockResolvedValue({ batch: { columns: new Map([[1, [42n]]]) } })
})

describe('The rows of a snapshot that match', () => {
  it('are read from the files that might have them', async () => {
    const read = await readMatchingRows(REQUEST, null, signal)
    expect(read).toMatchObject({ rows: [new Map([[1, 42n]])], bytesRead: 60, filesRead: 1 })
    expect(callEndpoint.mock.calls[0]?.[1]).toMatchObject({ snapshot: '7', where: '{"type":"true"}' })
    expect(scan.close).toHaveBeenCalledOnce()
  })

  it('are not read again from the same files', async () => {
    const known = await readMatchingRows(REQUEST, null, signal)
    scan.search.mockClear()
    expect(await readMatchingRows(REQUEST, known, signal)).toEqual({ ...known, bytesRead: 0, filesRead: 0 })
    expect(scan.search).not.toHaveBeenCalled()
    callEndpoint.mockResolvedValue(planOf(['b']))
    await readMatchingRows(REQUEST, known, signal)
    expect(scan.search).toHaveBeenCalledOnce()
  })

  it('are read again if not all files are known', async () => {
    callEndpoint.mockResolvedValue(planOf(['a'], 7))
    const known: MatchingRows = await readMatchingRows(REQUEST, null, signal)
    expect(known.filesKey).toBeNull()
    await readMatchingRows(REQUEST, known, signal)
    expect(scan.search).toHaveBeenCalledTimes(2)
  })

  it('are refused when they are many, or when too much would be read', async () => {
    scan.search.mockResolvedValue({
      progress: { matchCount: 21, isComplete: false },
      problem: null,
      cost: { bytesRead: 60, filesRead: 1 },
    })
    await expect(readMatchingRows(REQUEST, null, signal)).rejects.toMatchObject({
      code: 'too-large',
      message: 'More than 20 rows match.',
      facts: { hint: expect.stringContaining('only one row meets') },
    })
    scan.search.mockResolvedValue({
      progress: { matchCount: 0, isComplete: false },
      problem: null,
      cost: { bytesRead: 2 ** 28, filesRead: 1 },
    })
    await expect(readMatchingRows(REQUEST, null, signal)).rejects.toMatchObject({
      facts: { hint: expect.stringContaining('partitioned or sorted by') },
    })
    expect(scan.close).toHaveBeenCalledTimes(2)
  })

  it('are not those of a search that failed', async () => {
    const problem = { code: 'file-missing', message: 'The file is gone.', facts: {}, requestId: null }
    scan.search.mockResolvedValue({ progress: { matchCount: 0, isComplete: false }, problem, cost: { bytesRead: 0 } })
    await expect(readMatchingRows(REQUEST, null, signal)).rejects.toMatchObject({ code: 'file-missing' })
  })
})
