import { describe, expect, it } from 'vitest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import type { DataFile } from '../manifest/manifest'
import { appendOperation } from './append'
import { cherryPick } from './cherry-pick'
import type { SnapshotOperation } from './operation'

const file = (name: string, city = 'ABQ', overrides: Partial<DataFile> = {}) =>
  sampleDataFile(name, { partition: [city], ...overrides })
const append = (name: string, city = 'ABQ', summary: Record<string, string> = {}) =>
  appendOperation([file(name, city)], { summary })

/** Writes a snapshot on the tip of `main` that no branch has. */
async function stage(table: TableInMemory, operation: SnapshotOperation): Promise<string> {
  const { snapshot } = await table.createProducer(operation).produce(table.metadata)
  table.apply({ requirements: [], updates: [{ action: 'add-snapshot', snapshot }] })
  return snapshot.snapshotId
}
/** @returns whether it was a fast-forward */
async function pick(table: TableInMemory, snapshotId: string, branch = 'main'): Promise<boolean> {
  const { fastForward, replay } = await cherryPick(table.metadata, { snapshotId, branch, reader: table.reader })
  const change = fastForward(table.metadata)
  if (change) table.apply(change)
  else if (replay) await table.commit(replay, { branch })
  return change !== null
}
function setBranch(table: TableInMemory, refName: string, snapshotId: string): void {
  table.apply({ requirements: [], updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type: 'branch' }] })
}
/** Adds a commit to `main`, so that it can no longer be fast-forwarded to a snapshot that was staged before. */
async function moved(table: TableInMemory) {
  await table.commit(append('c'))
  return table.metadata
}
const names = async (table: TableInMemory) => (await table.liveFiles()).map(([name]) => name)
/** An overwrite of whole partitions, as engines write it. */
const dynamicOverwrite = (added: string, removed: string): SnapshotOperation => ({
  ...append(added),
  name: 'overwrite',
  removed: [file(removed)],
  requiresRemoved: true,
  summary: { 'replace-partitions': 'true' },
})

describe('A cherry-pick', () => {
  it('moves the branch to a snapshot whose parent is the tip', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const staged = await stage(table, append('b'))
    expect(await pick(table, staged)).toBe(true)
    expect(table.metadata.currentSnapshotId).toBe(staged)
    expect(await names(table)).toEqual(['a', 'b'])
  })

  it('makes an append again on another tip, and says from which snapshot and which WAP id', async () => {
    const table = new TableInMemory({ formatVersion: 3, nextRowId: '0' })
    await table.commit(append('a'))
    const staged = await stage(table, append('b', 'ABQ', { 'wap.id': 'run-1' }))
    await table.commit(append('c'))
    expect(await pick(table, staged)).toBe(false)
    expect(await names(table)).toEqual(['a', 'b', 'c'])
    expect(table.snapshot().summary).toMatchObject({
      operation: 'append',
      'source-snapshot-id': staged,
      'published-wap-id': 'run-1',
      'total-records': '30',
    })
    // The rows get ids of their own: the ids of the staged rows belong to the staged snapshot.
    const ids = (await table.entries()).map(({ dataFile }) => dataFile.firstRowId)
    expect(new Set(ids).size).toBe(3)
  })

  it('refuses what the branch has: the snapshot, its replay, or another one with the WAP id', async () => {
    const table = new TableInMemory()
    const { snapshot } = await table.commit(append('a'))
    const staged = await stage(table, append('b', 'ABQ', { 'wap.id': 'run-1' }))
    const again = await stage(table, append('c', 'ABQ', { 'wap.id': 'run-1' }))
    const plain = await stage(table, append('d'))
    await table.commit(append('e'))
    await pick(table, staged)
    await pick(table, plain)
    for (const snapshotId of [snapshot.snapshotId, staged, again, plain])
      await expect(pick(table, snapshotId)).rejects.toMatchObject({ code: 'commit-conflict' })
    await expect(pick(table, '5')).rejects.toMatchObject({ code: 'not-found' })
    expect(await names(table)).toEqual(['a', 'b', 'd', 'e'])
  })

  it('of a copy is refused where its origin or another copy is, and the other way round', async () => {
    const table = new TableInMemory()
    const { snapshot: first } = await table.commit(append('a'))
    for (const branch of ['audit', 'other']) setBranch(table, branch, first.snapshotId)
    const { snapshot: origin } = await table.commit(append('b'), { branch: 'audit' })
    await table.commit(append('c'))
    await table.commit(append('d'), { branch: 'other' })
    await pick(table, origin.snapshotId)
    const copy = table.metadata.currentSnapshotId ?? ''
    await pick(table, copy, 'other')
    const second = table.metadata.refs['other']?.snapshotId ?? ''
    expect(table.snapshot(second).summary).toMatchObject({ 'source-snapshot-id': copy })
    for (const [snapshotId, branch] of [
      [copy, 'audit'],
      [second, 'audit'],
      [second, 'main'],
      [origin.snapshotId, 'other'],
      [copy, 'other'],
    ] as const)
      await expect(pick(table, snapshotId, branch)).rejects.toMatchObject({
        code: 'commit-conflict',
        facts: { snapshotId, ancestorId: table.metadata.refs[branch]?.snapshotId },
      })
    expect(await names(table)).toEqual(['a', 'b', 'c'])
  })

  it('of files that the branch has is refused whatever connects the two, also if it would be a fast-forward', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    await table.commit(append('x'))
    const staged = await stage(table, append('b'))
    const twice = await stage(table, append('a'))
    const overwritten = await stage(table, dynamicOverwrite('a', 'x'))
    for (const snapshotId of [twice, overwritten])
      await expect(pick(table, snapshotId)).rejects.toMatchObject({
        code: 'commit-conflict',
        facts: { snapshotId, filePath: 'a' },
      })
    const { replay } = await cherryPick(await moved(table), { snapshotId: staged, reader: table.reader })
    // An engine adds the file before the pick is committed, and names no source.
    await table.commit(append('b'))
    await expect(table.commit(replay ?? append('none'))).rejects.toMatchObject({ facts: { filePath: 'b' } })
    expect(await names(table)).toEqual(['a', 'b', 'c', 'x'])
  })

  it('of a file that the branch has lost is made', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const staged = await stage(table, append('b'))
    await table.commit(append('b'))
    await table.commit({ ...append('c'), name: 'overwrite', removed: [file('b')], requiresRemoved: true })
    await pick(table, staged)
    expect(await names(table)).toEqual(['a', 'b', 'c'])
  })

  it('that another one overtakes is refused as a duplicate', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const staged = await stage(table, append('b'))
    await table.commit(append('c'))
    const { replay } = await cherryPick(table.metadata, { snapshotId: staged, reader: table.reader })
    await pick(table, staged)
    await expect(table.commit(replay ?? append('none'))).rejects.toMatchObject({ code: 'commit-conflict' })
  })

  it('makes an overwrite of partitions again if no other commit changed them', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const staged = await stage(table, dynamicOverwrite('b', 'a'))
    await table.commit(append('c', 'JFK'))
    await pick(table, staged)
    expect(await names(table)).toEqual(['b', 'c'])
    expect(table.snapshot().summary).toMatchObject({ operation: 'overwrite', 'source-snapshot-id': staged })

    const changed = new TableInMemory()
    await changed.commit(append('a'))
    const late = await stage(changed, dynamicOverwrite('b', 'a'))
    await changed.commit(append('c'))
    await expect(pick(changed, late)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'c' } })
  })

  it('of any other snapshot needs its parent as the tip; an overwrite needs it as an ancestor', async () => {
    const table = new TableInMemory()
    const { snapshot } = await table.commit(append('a'))
    await table.commit(append('x', 'JFK'))
    const staged = await stage(table, { ...append('b'), name: 'overwrite' })
    const dynamic = await stage(table, dynamicOverwrite('b', 'a'))
    table.apply({
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName: 'main', snapshotId: snapshot.snapshotId, type: 'branch' }],
    })
    await table.commit(append('c', 'JFK'))
    for (const snapshotId of [staged, dynamic])
      await expect(pick(table, snapshotId)).rejects.toMatchObject({ code: 'invalid-request' })
  })
})
