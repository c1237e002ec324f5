import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import type { DataFile } from '../manifest/manifest'
import { appendOperation } from './append'
import { type Replace, replaceOperation } from './replace'

const file = (name: string, overrides: Partial<DataFile> = {}) =>
  sampleDataFile(name, { partition: ['ABQ'], ...overrides })
const deletes = (name: string, content: DataFile['content'] = 'position-deletes') =>
  file(name, { content, recordCount: 1, ...(content === 'equality-deletes' && { equalityIds: [1] }) })

async function tableOf(...files: readonly DataFile[]): Promise<TableInMemory> {
  const table = new TableInMemory()
  await table.commit(appendOperation(files))
  return table
}
const addDeletes = (table: TableInMemory, ...added: DataFile[]) =>
  table.commit({ ...appendOperation(added), name: 'delete' })
const replace = (table: TableInMemory, change: Partial<Replace> = {}) =>
  replaceOperation({
    removed: [file('a'), file('b')],
    added: [file('c', { recordCount: 20 })],
    dataSequenceNumber: table.metadata.lastSequenceNumber,
    startingSnapshotId: table.metadata.currentSnapshotId ?? '',
    ...change,
  })

describe('A rewrite', () => {
  it('replaces files by others with the same rows, under the sequence number of the rows', async () => {
    const table = await tableOf(file('a'), file('b'))
    const operation = replace(table)
    await table.commit(appendOperation([file('d')]))
    await table.commit(operation)
    expect(await table.liveFiles()).toEqual([
      ['c', 1],
      ['d', 2],
    ])
    const [rewritten] = await table.manifests()
    expect(rewritten).toMatchObject({ sequenceNumber: 3, minSequenceNumber: 1 })
    expect(table.snapshot().summary).toMatchObject({
      operation: 'replace',
      'added-records': '20',
      'deleted-records': '20',
      'total-records': '30',
    })
  })

  it('of files that another one has replaced fails, and no row is there twice (commit-safety 14)', async () => {
    const table = await tableOf(file('a'), file('b'))
    const second = replace(table, { added: [file('e', { recordCount: 20 })] })
    await table.commit(replace(table))
    await expect(table.commit(second)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'a' } })
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['c'])
  })

  it('fails when rows of its files were deleted by position meanwhile, which it would bring back (iceberg-go#2042)', async () => {
    const table = await tableOf(file('a'), file('b'))
    const operation = replace(table)
    await addDeletes(table, deletes('d'))
    await expect(table.commit(operation)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'd' } })
  })

  it('lets earlier deletes by equality apply to files that each have the sequence number of the one they replace', async () => {
    const table = await tableOf(file('a'))
    await addDeletes(table, deletes('e', 'equality-deletes'))
    await table.commit(appendOperation([file('b')]))
    const numbers = new Map([
      ['a2', 1],
      ['b2', 3],
    ])
    const added = [file('a2'), file('b2')]
    await table.commit(replace(table, { added, dataSequenceNumber: ({ filePath }) => numbers.get(filePath) ?? 0 }))
    expect(await table.liveFiles()).toEqual([
      ['a2', 1],
      ['b2', 3],
      ['e', 2],
    ])
  })

  it('lets deletes by equality apply that were committed meanwhile, unless its files have a new sequence number', async () => {
    const table = await tableOf(file('a'), file('b'))
    const retained = replace(table)
    const renumbered = replace(table, { dataSequenceNumber: null })
    await addDeletes(table, deletes('e1', 'equality-deletes'))
    await addDeletes(table, deletes('e2', 'equality-deletes'))
    await expect(table.commit(renumbered)).rejects.toMatchObject({ code: 'commit-conflict' })
    await table.commit(retained)
    // Both deletes are newer than the rows, so neither is dropped although no old data file is left.
    expect(await table.liveFiles()).toEqual([
      ['c', 1],
      ['e1', 2],
      ['e2', 3],
    ])
  })

  it('of a table of format v1 has no sequence numbers, so an upgrade meanwhile is a conflict', async () => {
    const table = new TableInMemory({ formatVersion: 1 })
    await table.commit(appendOperation([file('a'), file('b'), file('d')]))
    await table.commit(replace(table))
    expect(await table.liveFiles()).toEqual([
      ['c', 0],
      ['d', 0],
    ])
    expect(table.snapshot().sequenceNumber).toBe(0)
    const producer = table.createProducer(replace(table, { removed: [file('d')], added: [file('e')] }))
    await producer.prepare(table.metadata)
    table.apply({ requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion: 2 }] })
    await expect(producer.produce(table.metadata)).rejects.toMatchObject({ code: 'commit-conflict' })
    // Planned after the upgrade, it is one of v2: old rows have the number 0.
    await table.commit(replace(table, { removed: [file('d')], added: [file('e')], dataSequenceNumber: 0 }))
    expect(await table.liveFiles()).toEqual([
      ['c', 0],
      ['e', 0],
    ])
    expect(table.snapshot().sequenceNumber).toBe(1)
  })

  it('removes the delete files that it applied', async () => {
    const table = await tableOf(file('a'), file('b'))
    await addDeletes(table, deletes('d'))
    await table.commit(
      replace(table, { removed: [file('a'), file('b'), deletes('d')], added: [file('c', { recordCount: 19 })] }),
    )
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['c'])
    expect(table.snapshot().summary).toMatchObject({ 'removed-delete-files': '1', 'total-position-deletes': '0' })
  })

  it('moves deletes by position to its files, and keeps delete files that apply to others, too', async () => {
    const table = await tableOf(file('a'), file('b'))
    await addDeletes(table, deletes('d'))
    await table.commit(
      replace(table, {
        removed: [file('a')],
        added: [file('c'), { ...deletes('e'), referencedDataFile: 'c' }],
        dataSequenceNumber: () => 1,
      }),
    )
    expect(await table.liveFiles()).toEqual([
      ['b', 1],
      ['c', 1],
      ['d', 2],
      ['e', 3],
    ])
  })

  it('never adds rows, nor data files if it removes none', async () => {
    const table = await tableOf(file('a'), file('b'))
    await expect(table.commit(replace(table, { added: [file('c', { recordCount: 21 })] }))).rejects.toMatchObject({
      code: 'invalid-request',
      facts: { addedRows: '21', removedRows: '20' },
    })
    for (const change of [{ removed: [] }, { removed: [deletes('d')] }])
      expect(catchAppError(() => replace(table, change))).toMatchObject({ code: 'invalid-request' })
  })
})
