import { describe, expect, it } from 'vitest'
import type { AppError } from '@/lib/errors'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import type { DataFile } from '../manifest/manifest'
import { appendOperation } from './append'
import { overwriteOperation } from './overwrite'
import { type RowDelta, rowDeltaOperation } from './row-delta'

const file = (name: string, overrides: Partial<DataFile> = {}) =>
  sampleDataFile(name, { partition: ['ABQ'], ...overrides })
const deletes = (name: string, overrides: Partial<DataFile> = {}) =>
  file(name, { content: 'position-deletes', recordCount: 1, ...overrides })
const vector = (name: string, referencedDataFile: string, contentOffset = 4) =>
  deletes(name, { fileFormat: 'puffin', referencedDataFile, contentOffset, contentSizeBytes: 40 })

async function tableOf(formatVersion: 2 | 3, ...files: readonly DataFile[]): Promise<TableInMemory> {
  const table = new TableInMemory({ formatVersion, nextRowId: formatVersion === 3 ? '0' : null })
  await table.commit(appendOperation(files))
  return table
}
const delta = (table: TableInMemory, change: Partial<RowDelta> & Pick<RowDelta, 'added'>) =>
  rowDeltaOperation({
    referencedDataFiles: new Set(['a']),
    startingSnapshotId: table.metadata.currentSnapshotId,
    isolation: 'snapshot',
    command: 'delete',
    ...change,
  })

describe('A row delta', () => {
  it('adds delete files and rows, and says which operation that is', async () => {
    const table = await tableOf(2, file('a'))
    await table.commit(delta(table, { added: [deletes('d1')] }))
    expect(table.snapshot().summary).toMatchObject({
      operation: 'delete',
      'added-delete-files': '1',
      'added-position-delete-files': '1',
      'added-position-deletes': '1',
      'total-position-deletes': '1',
      'total-data-files': '1',
    })
    await table.commit(delta(table, { added: [file('b'), deletes('d2')], command: 'update' }))
    expect(table.snapshot().summary.operation).toBe('overwrite')
    await table.commit(delta(table, { added: [file('c')] }))
    expect(table.snapshot().summary.operation).toBe('append')
    expect(await table.liveFiles()).toEqual([
      ['a', 1],
      ['b', 3],
      ['c', 4],
      ['d1', 2],
      ['d2', 3],
    ])
  })

  it.each([
    ['a rewrite', 'delete', 'a'],
    ['a rewrite', 'update', 'a'],
    ['a delete', 'delete', null],
    ['a delete', 'update', 'a'],
  ] as const)('when %s removed a data file of it, as %s conflicts with %s', async (other, command, conflict) => {
    const table = await tableOf(2, file('a'), file('b'))
    const operation = delta(table, { added: [deletes('d')], command })
    const added = other === 'a rewrite' ? [file('a2')] : []
    await table.commit(overwriteOperation({ added, removed: [file('a')], validation: null }))
    const found = await table.commit(operation).then(
      () => null,
      (error: AppError) => error.facts.filePath,
    )
    expect(found).toBe(conflict)
  })

  it('of an update fails when others deleted rows that it may have written again; a delete does not', async () => {
    const table = await tableOf(2, file('a'))
    const operations = (['delete', 'update'] as const).map((command) =>
      delta(table, { added: [deletes(command)], command }),
    )
    await table.commit(delta(table, { added: [deletes('other')] }))
    const [asDelete, asUpdate] = operations.map((operation) => table.createProducer(operation).produce(table.metadata))
    await asDelete
    await expect(asUpdate).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'other' } })
  })

  it('fails at serializable isolation when others added rows that it may have missed', async () => {
    const table = await tableOf(2, file('a'))
    const operation = delta(table, { added: [deletes('d')], isolation: 'serializable' })
    await table.commit(appendOperation([file('b')]))
    await expect(table.commit(operation)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'b' } })
  })

  it('replaces the deletion vector of a data file, and fails when another commit did', async () => {
    const table = await tableOf(3, file('a'))
    await table.commit(delta(table, { added: [vector('v1', 'a')] }))
    const replace = (name: string) => delta(table, { added: [vector(name, 'a')], removed: [vector('v1', 'a')] })
    const second = replace('v3')
    await table.commit(replace('v2'))
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['a', 'v2'])
    expect(table.snapshot().summary).toMatchObject({ 'added-dvs': '1', 'removed-dvs': '1', 'added-files-size': '40' })
    await expect(table.commit(second)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'v2' } })
  })

  it('removes one of several deletion vectors of a file', async () => {
    const table = await tableOf(3, file('a'), file('b'))
    await table.commit(delta(table, { added: [vector('v', 'a', 4), vector('v', 'b', 44)] }))
    await table.commit(delta(table, { added: [vector('w', 'a')], removed: [vector('v', 'a', 4)] }))
    const live = (await table.entries()).filter(
      ({ status, dataFile }) => status !== 'deleted' && dataFile.content !== 'data',
    )
    expect(
      live.map(({ dataFile }) => [dataFile.filePath, dataFile.referencedDataFile, dataFile.contentOffset]),
    ).toEqual([
      ['w', 'a', 4],
      ['v', 'b', 44],
    ])
  })

  it('drops the deletion vectors of data files that are removed', async () => {
    const table = await tableOf(3, file('a'), file('b'))
    await table.commit(delta(table, { added: [vector('v', 'a', 4), vector('v', 'b', 44)] }))
    await table.commit(overwriteOperation({ added: [], removed: [file('a')], validation: null }))
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['b', 'v'])
    expect(table.snapshot().summary).toMatchObject({ 'removed-dvs': '1', 'total-delete-files': '1' })
  })

  it('has the kind of deletes that the format version allows, also after an upgrade while it ran', async () => {
    const refused = { code: 'invalid-request' }
    const v2 = await tableOf(2, file('a'))
    await expect(v2.commit(delta(v2, { added: [vector('v', 'a')] }))).rejects.toMatchObject(refused)
    const producer = v2.createProducer(delta(v2, { added: [deletes('d')] }))
    await producer.prepare(v2.metadata)
    v2.apply({ requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion: 3 }] })
    await expect(producer.produce(v2.metadata)).rejects.toMatchObject(refused)
    const v3 = await tableOf(3, file('a'))
    await expect(v3.commit(delta(v3, { added: [vector('v', 'a'), vector('w', 'a')] }))).rejects.toMatchObject(refused)
    await expect(v3.commit(delta(v3, { added: [], removed: [file('a')] }))).rejects.toMatchObject(refused)
  })

  it('fails when the branch does not descend from the snapshot that it read', async () => {
    const table = await tableOf(2, file('a'))
    const operation = delta(table, { added: [deletes('d')], startingSnapshotId: '77' })
    await expect(table.commit(operation)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { startingSnapshotId: '77' },
    })
  })
})
