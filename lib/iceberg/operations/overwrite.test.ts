import { describe, expect, it } from 'vitest'
import type { AppError } from '@/lib/errors'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { createRowFilter } from '@/lib/scan/prune/row-filter'
import { currentSchema } from '../metadata/current-layout'
import type { DataFile } from '../manifest/manifest'
import { appendOperation } from './append'
import type { IsolationLevel } from './conflicts'
import type { RowFilter } from './operation'
import { overwriteOperation } from './overwrite'

const file = (name: string, city: string | null = 'ABQ', overrides: Partial<DataFile> = {}) =>
  sampleDataFile(name, { partition: [city], ...overrides })
const deletes = (name: string, overrides: Partial<DataFile> = {}) =>
  file(name, 'ABQ', { content: 'position-deletes', recordCount: 1, ...overrides })

async function tableWith(...files: readonly DataFile[]): Promise<TableInMemory> {
  const table = new TableInMemory()
  await table.commit(appendOperation(files))
  return table
}
function filterOf({ metadata }: TableInMemory, column: 'city' | 'id', value: string | number): RowFilter {
  const predicate = bindPredicate({ kind: 'eq', column, value }, currentSchema(metadata))
  return createRowFilter(predicate, metadata, `${column} = ${value}`)
}
const since = (table: TableInMemory, isolation: IsolationLevel) => ({
  startingSnapshotId: table.metadata.currentSnapshotId,
  isolation,
})
/** A commit of delete files, as another engine makes it. */
const addDeletes = (table: TableInMemory, ...added: DataFile[]) =>
  table.commit({ ...appendOperation(added), name: 'delete' })

describe('An overwrite', () => {
  it('marks removed files as deleted by its own snapshot; the others keep theirs (iceberg-python#3236)', async () => {
    const table = await tableWith(file('a'), file('b'), file('c', 'JFK'))
    const first = table.snapshot()
    await table.commit(
      overwriteOperation({ added: [file('d')], removed: [file('b')], validation: since(table, 'serializable') }),
    )
    const own = table.snapshot().snapshotId
    expect(
      (await table.entries()).map(({ status, snapshotId, sequenceNumber, fileSequenceNumber, dataFile }) => [
        dataFile.filePath,
        status,
        snapshotId,
        sequenceNumber,
        fileSequenceNumber,
      ]),
    ).toEqual([
      ['d', 'added', own, 2, 2],
      ['a', 'existing', first.snapshotId, 1, 1],
      ['b', 'deleted', own, 1, 1],
      ['c', 'existing', first.snapshotId, 1, 1],
    ])
    expect(table.snapshot().summary).toMatchObject({
      operation: 'overwrite',
      'deleted-data-files': '1',
      'deleted-records': '10',
      'removed-files-size': '100',
      'changed-partition-count': '1',
      'total-records': '30',
      'total-data-files': '3',
    })
  })

  it('rewrites only manifests with a removed file, and reads only those that might have one', async () => {
    const table = await tableWith(file('a'))
    await table.commit(appendOperation([file('b', 'JFK')]))
    await table.commit(appendOperation([file('c', 'ABQ')]))
    const before = await table.manifests()
    const readPaths: string[] = []
    const { readEntries } = table.reader
    table.reader.readEntries = (metadata, manifest) => {
      readPaths.push(manifest.manifestPath)
      return readEntries(metadata, manifest)
    }
    await table.commit(overwriteOperation({ added: [], removed: [file('c')], validation: null }))
    expect(readPaths).toEqual([before[0]?.manifestPath, before[2]?.manifestPath])
    const after = await table.manifests()
    expect(after.slice(1)).toEqual(before.slice(1))
    expect(after[0]).toMatchObject({
      deletedFilesCount: 1,
      existingFilesCount: 0,
      addedFilesCount: 0,
      minSequenceNumber: 4,
    })
  })

  it('by filter removes files whose rows all match, and fails for a file of which only some do', async () => {
    const table = await tableWith(file('a'), file('b', 'JFK'), file('c', null))
    await table.commit(overwriteOperation({ added: [], where: filterOf(table, 'city', 'ABQ'), validation: null }))
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['b', 'c'])
    expect(table.snapshot().summary.operation).toBe('delete')
    await expect(
      table.commit(overwriteOperation({ added: [], where: filterOf(table, 'id', 5), validation: null })),
    ).rejects.toMatchObject({ code: 'invalid-request', facts: { filePath: 'b' } })
    const other = overwriteOperation({
      added: [file('d', 'LAX')],
      where: filterOf(table, 'city', 'JFK'),
      addedMustMatch: true,
      validation: null,
    })
    await expect(table.commit(other)).rejects.toMatchObject({ code: 'invalid-request', facts: { filePath: 'd' } })
  })

  it.each([
    ['serializable', ['new', 'new']],
    ['snapshot', []],
  ] as const)(
    'at %s isolation, fails for rows that another commit added: %j (commit-safety 13)',
    async (isolation, conflicts) => {
      const table = await tableWith(file('a'), file('b', 'JFK'))
      const validation = since(table, isolation)
      const where = filterOf(table, 'city', 'ABQ')
      const operations = [
        overwriteOperation({ added: [], where, validation }),
        overwriteOperation({
          added: [file('a2')],
          removed: [file('a')],
          validation: { ...validation, conflictFilter: where },
        }),
      ]
      const findConflicts = async () => {
        const found: unknown[] = []
        for (const operation of operations)
          await table
            .createProducer(operation)
            .produce(table.metadata)
            .catch((error: AppError) => found.push(error.facts.filePath))
        return found
      }
      await table.commit(appendOperation([file('elsewhere', 'JFK')]))
      expect(await findConflicts()).toEqual([])
      await table.commit(appendOperation([file('new')]))
      expect(await findConflicts()).toEqual(conflicts)
    },
  )

  it('fails when another commit removed one of its files (commit-safety 14)', async () => {
    const table = await tableWith(file('a'), file('b'))
    const operation = () =>
      overwriteOperation({ added: [file('c')], removed: [file('a')], validation: since(table, 'snapshot') })
    const second = operation()
    await table.commit(operation())
    await expect(table.commit(second)).rejects.toMatchObject({ code: 'commit-conflict', facts: { filePath: 'a' } })
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['b', 'c'])
  })

  it('fails when another commit deleted rows of its files, which it would bring back (commit-safety 15)', async () => {
    const table = await tableWith(file('a'), file('b', 'JFK'))
    const validation = since(table, 'snapshot')
    const operation = overwriteOperation({ added: [file('a2')], removed: [file('a')], validation })
    await addDeletes(table, file('other-deletes', 'JFK', { content: 'position-deletes' }))
    await table.createProducer(operation).produce(table.metadata)
    await addDeletes(table, deletes('new-deletes'))
    await expect(table.commit(operation)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { filePath: 'new-deletes' },
    })
    const byFilter = overwriteOperation({ added: [], where: filterOf(table, 'city', 'ABQ'), validation })
    await expect(table.commit(byFilter)).rejects.toMatchObject({ code: 'commit-conflict' })
  })

  it('fails on any new delete of a file whose rows it copies, also one of rows that its filter leaves out', async () => {
    const table = await tableWith(file('a'))
    const validation = { ...since(table, 'serializable'), conflictFilter: filterOf(table, 'city', 'JFK') }
    const replace = (copiesRows: boolean) =>
      overwriteOperation({ added: [file('a2')], removed: [file('a')], copiesRows, validation })
    await addDeletes(table, file('others', 'ABQ', { content: 'equality-deletes', equalityIds: [1], recordCount: 1 }))
    await table.createProducer(replace(false)).produce(table.metadata)
    await expect(table.commit(replace(true))).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { filePath: 'others' },
    })
  })

  it('fails when the history since its starting snapshot has expired', async () => {
    const table = await tableWith(file('a'))
    const operation = overwriteOperation({
      added: [file('a2')],
      removed: [file('a')],
      validation: since(table, 'snapshot'),
    })
    const [start] = table.metadata.snapshots
    await table.commit(appendOperation([file('b')]))
    await table.commit(appendOperation([file('c')]))
    const middle = table.snapshot().parentSnapshotId ?? ''
    table.apply({ requirements: [], updates: [{ action: 'remove-snapshots', snapshotIds: [middle] }] })
    await expect(table.commit(operation)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { startingSnapshotId: start?.snapshotId, oldestSnapshotId: table.snapshot().snapshotId },
    })
  })

  it('drops delete files that are older than every data file, seen from one snapshot (amoro#3348)', async () => {
    const table = await tableWith(file('a'))
    await addDeletes(table, deletes('old-deletes'))
    await table.commit(appendOperation([file('b')]))
    await table.commit(overwriteOperation({ added: [file('a2')], removed: [file('a')], validation: null }))
    expect(await table.liveFiles()).toEqual([
      ['a2', 4],
      ['b', 3],
    ])
    expect(table.snapshot().summary).toMatchObject({ 'removed-delete-files': '1', 'total-delete-files': '0' })
    // As long as one data file is as old, its deletes stay.
    const retained = await tableWith(file('a'), file('b'))
    await addDeletes(retained, deletes('deletes'))
    await retained.commit(overwriteOperation({ added: [file('a2')], removed: [file('a')], validation: null }))
    expect((await retained.liveFiles()).map(([name]) => name)).toEqual(['a2', 'b', 'deletes'])
  })

  it('keeps deletes by equality of a partition whose rows only partly match', async () => {
    const table = await tableWith(file('a'), file('b', 'JFK'))
    table.apply({ requirements: [], updates: [{ action: 'add-spec', spec: { specId: 1, fields: [] } }] })
    const equality = { content: 'equality-deletes', equalityIds: [1], recordCount: 1 } as const
    await addDeletes(table, file('of-partition', 'ABQ', equality), sampleDataFile('of-all', { ...equality, specId: 1 }))
    await table.commit(overwriteOperation({ added: [], where: filterOf(table, 'city', 'ABQ'), validation: null }))
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['b', 'of-all'])
  })

  it('keeps the row ids of rows that stay, in format v3', async () => {
    const table = new TableInMemory({ formatVersion: 3, nextRowId: '0' })
    await table.commit(appendOperation([file('a'), file('b'), file('c')]))
    await table.commit(overwriteOperation({ added: [file('d')], removed: [file('b')], validation: null }))
    const live = (await table.entries()).filter(({ status }) => status !== 'deleted')
    expect(live.map(({ dataFile }) => [dataFile.filePath, dataFile.firstRowId])).toEqual([
      ['d', '30'],
      ['a', '0'],
      ['c', '20'],
    ])
  })

  it('counts a file that manifests list twice once', async () => {
    const table = await tableWith(file('a'), file('a'), file('b'))
    await table.commit(overwriteOperation({ added: [], removed: [file('a')], validation: null }))
    expect(table.snapshot().summary).toMatchObject({ 'deleted-data-files': '1', 'deleted-duplicate-files': '1' })
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['b'])
  })
})
