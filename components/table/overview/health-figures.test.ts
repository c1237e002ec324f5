import { describe, expect, it } from 'vitest'
import { listedSnapshot } from '@/testing/components/sample-snapshot'
import { deletedShare, neededFileCount, outdatedSnapshots } from './health-figures'

const partition = (dataFileCount: number, dataBytes: number) => ({
  specId: 0,
  partition: '',
  rowCount: 1,
  dataFileCount,
  dataBytes,
  deleteFileCount: 0,
  deleteBytes: 0,
})
const DAY_MS = 24 * 60 * 60 * 1000

describe('The files that a table needs', () => {
  it('are at least one for each partition with data', () => {
    const partitions = [partition(9, 250), partition(4, 12), partition(0, 0)]
    expect(neededFileCount({ partitions, targetBytes: 100, nextOffset: null })).toBe(4)
  })

  it('are unknown if not all partitions are listed', () => {
    expect(neededFileCount({ partitions: [partition(1, 1)], targetBytes: 100, nextOffset: 1 })).toBeNull()
  })
})

describe('The share of deleted rows', () => {
  it('comes from the totals of the summary', () => {
    const totals = { 'total-records': '1000', 'total-position-deletes': '38', 'total-equality-deletes': '0' }
    expect(deletedShare(totals)).toBe(0.038)
    expect(deletedShare({ ...totals, 'total-equality-deletes': '1' })).toBeNull()
    expect(deletedShare({ 'total-records': '1000' })).toBeNull()
  })
})

describe('Outdated snapshots', () => {
  const snapshots = [0, 2, 4, 6].map((days) => listedSnapshot({ committedAtMs: days * DAY_MS }))

  it('are older than the age of the table, or than the default of 5 days', () => {
    expect(outdatedSnapshots(snapshots, {}, 8 * DAY_MS)).toEqual({
      oldCount: 2,
      expirableCount: 2,
      maxAgeMs: 5 * DAY_MS,
    })
    const properties = { 'history.expire.max-snapshot-age-ms': String(3 * DAY_MS) }
    expect(outdatedSnapshots(snapshots, properties, 8 * DAY_MS)).toEqual({
      oldCount: 3,
      expirableCount: 3,
      maxAgeMs: 3 * DAY_MS,
    })
  })

  it('cannot expire if a branch or a tag names them', () => {
    const tagged = listedSnapshot({ committedAtMs: 0, refs: [{ name: 'q1', type: 'tag' }] })
    expect(outdatedSnapshots([tagged], {}, 8 * DAY_MS)).toMatchObject({ oldCount: 1, expirableCount: 0 })
  })

  it('cannot expire if they are among the newest of a branch, of which the table keeps a number', () => {
    const refs = [{ name: 'main', type: 'branch' as const }]
    const line = [3, 2, 1].map((id) =>
      listedSnapshot({
        snapshotId: String(id),
        parentSnapshotId: id === 1 ? null : String(id - 1),
        committedAtMs: 0,
        refs: id === 3 ? refs : [],
      }),
    )
    const expirableOf = (properties: Record<string, string>) => outdatedSnapshots(line, properties, 8 * DAY_MS)
    expect(expirableOf({})).toMatchObject({ expirableCount: 2 })
    expect(expirableOf({ 'history.expire.min-snapshots-to-keep': '2' })).toMatchObject({ expirableCount: 1 })
    expect(expirableOf({ 'history.expire.min-snapshots-to-keep': '9' })).toMatchObject({ expirableCount: 0 })
  })

  it('are unknown if the age is not a number', () => {
    const property = 'history.expire.max-snapshot-age-ms'
    expect(outdatedSnapshots(snapshots, { [property]: 'a week' }, 0)).toEqual({ invalid: property })
  })
})
