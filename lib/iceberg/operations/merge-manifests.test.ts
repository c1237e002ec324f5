import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import type { DataFile, ManifestFile } from '../manifest/manifest'
import type { TableMetadata } from '../metadata/table-metadata'
import { appendOperation } from './append'
import { decodeInTurns } from '../avro/decode-steps'
import { compareManifests, judgeAppend } from './judge-append'
import { MAX_MERGED_ENTRIES } from './merge-manifests'
import { ALL_ROWS } from './operation'
import { overwriteOperation } from './overwrite'

const MERGE = { mergesManifests: true }
const file = (name: string, overrides: Partial<DataFile> = {}) =>
  sampleDataFile(name, { partition: ['ABQ'], ...overrides })
const append = (...names: string[]) => appendOperation(names.map((name) => file(name)))

function tableOf(
  properties: Readonly<Record<string, string>> = { 'commit.manifest.min-count-to-merge': '3' },
  overrides: Partial<TableMetadata> = {},
): TableInMemory {
  return new TableInMemory({ properties, ...overrides })
}

async function appendAll(table: TableInMemory, ...names: string[]): Promise<void> {
  for (const name of names) await table.commit(append(name), MERGE)
}

const fileCounts = (manifests: readonly ManifestFile[]) =>
  manifests.map(({ addedFilesCount, existingFilesCount, deletedFilesCount }) => [
    addedFilesCount,
    existingFilesCount,
    deletedFilesCount,
  ])

describe('Merging manifests', () => {
  it('starts when an append leaves the minimum count of them, and keeps what the table says about each file', async () => {
    const table = tableOf()
    await table.commit(appendOperation([file('a'), file('b', { partition: ['JFK'], recordCount: 5 })]), MERGE)
    await appendAll(table, 'c')
    const before = await table.entries()
    expect(fileCounts(await table.manifests())).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ])
    await appendAll(table, 'd')
    const [merged, ...others] = await table.manifests()
    expect(others).toEqual([])
    expect(merged).toMatchObject({
      addedFilesCount: 1,
      existingFilesCount: 3,
      deletedFilesCount: 0,
      addedRowsCount: 10,
      existingRowsCount: 25,
      deletedRowsCount: 0,
      sequenceNumber: 3,
      minSequenceNumber: 1,
      addedSnapshotId: table.metadata.currentSnapshotId,
    })
    const [summary] = merged?.partitions ?? []
    expect(Buffer.from(summary?.lowerBound ?? []).toString()).toBe('ABQ')
    expect(Buffer.from(summary?.upperBound ?? []).toString()).toBe('JFK')
    const entries = await table.entries()
    // The oldest files come first, as in the order in which rows are scanned.
    expect(entries.map(({ status, sequenceNumber, dataFile }) => [dataFile.filePath, status, sequenceNumber])).toEqual([
      ['a', 'existing', 1],
      ['b', 'existing', 1],
      ['c', 'existing', 2],
      ['d', 'added', 3],
    ])
    for (const entry of before)
      expect(entries.find(({ dataFile }) => dataFile.filePath === entry.dataFile.filePath)).toEqual({
        ...entry,
        status: 'existing',
      })
  })

  it('is off without the option of the writer, or if the table says so', async () => {
    const off = tableOf({ 'commit.manifest.min-count-to-merge': '2', 'commit.manifest-merge.enabled': 'FALSE' })
    await appendAll(off, 'a', 'b', 'c')
    expect(await off.manifests()).toHaveLength(3)
    const other = tableOf()
    for (const name of ['a', 'b', 'c']) await other.commit(append(name))
    expect(await other.manifests()).toHaveLength(3)
  })

  it('starts at 100 manifests by default, also if a property is not a number', async () => {
    const table = tableOf({ 'commit.manifest.min-count-to-merge': 'many', 'commit.manifest.target-size-bytes': '-1' })
    await appendAll(table, ...Array.from({ length: 99 }, (_, i) => `f${i}`))
    expect(await table.manifests()).toHaveLength(99)
    await appendAll(table, 'last')
    expect(fileCounts(await table.manifests())).toEqual([[1, 99, 0]])
    expect(await table.liveFiles()).toHaveLength(100)
  })

  it('stops at the target size, and merges a full group of older manifests whatever their count', async () => {
    const table = tableOf({ 'commit.manifest-merge.enabled': 'false' })
    await appendAll(table, 'a', 'b', 'c', 'd')
    const [one] = await table.manifests()
    const targetBytes = Math.floor(2.5 * (one?.manifestLengthBytes ?? 0))
    const properties = { 'commit.manifest.target-size-bytes': String(targetBytes) }
    table.metadata = { ...table.metadata, properties }
    await appendAll(table, 'e')
    // The newest one is alone, and may grow.
    expect(fileCounts(await table.manifests())).toEqual([
      [1, 0, 0],
      [0, 2, 0],
      [0, 2, 0],
    ])
    expect((await table.liveFiles()).map(([name]) => name)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('keeps the manifests of each partition spec apart', async () => {
    const table = tableOf({ 'commit.manifest.min-count-to-merge': '2' })
    table.apply({ requirements: [], updates: [{ action: 'add-spec', spec: { specId: 1, fields: [] } }] })
    await appendAll(table, 'a', 'b')
    await table.commit(appendOperation([sampleDataFile('c', { specId: 1 })]), MERGE)
    await table.commit(appendOperation([sampleDataFile('d', { specId: 1 })]), MERGE)
    expect(
      (await table.manifests()).map(({ partitionSpecId, addedFilesCount, existingFilesCount }) => [
        partitionSpecId,
        addedFilesCount,
        existingFilesCount,
      ]),
    ).toEqual([
      [1, 1, 1],
      [0, 1, 1],
    ])
  })

  it('drops files that earlier snapshots removed, and lists those of the same commit', async () => {
    const table = tableOf({ 'commit.manifest-merge.enabled': 'false' })
    await table.commit(append('a', 'b'))
    await table.commit({ ...append(), name: 'delete', removed: [await table.file('a')] })
    await table.commit(append('c', 'd'))
    table.metadata = { ...table.metadata, properties: { 'commit.manifest.min-count-to-merge': '2' } }
    await table.commit({ ...append('e'), name: 'overwrite', removed: [await table.file('c')] }, MERGE)
    const { currentSnapshotId } = table.metadata
    expect(
      (await table.entries()).map(({ dataFile, status, sequenceNumber, fileSequenceNumber, snapshotId }) => [
        dataFile.filePath,
        status,
        sequenceNumber,
        fileSequenceNumber,
        snapshotId === currentSnapshotId,
      ]),
    ).toEqual([
      ['b', 'existing', 1, 1, false],
      ['c', 'deleted', 3, 3, true],
      ['d', 'existing', 3, 3, false],
      ['e', 'added', 4, 4, true],
    ])
    await appendAll(table, 'f')
    expect((await table.entries()).map(({ status }) => status)).not.toContain('deleted')
  })

  it('merges manifests of delete files by the same rules, apart from those of data', async () => {
    const table = tableOf()
    await appendAll(table, 'a')
    const deletes = (name: string) => file(name, { content: 'position-deletes', recordCount: 1 })
    for (const name of ['x', 'y', 'z'])
      await table.commit({ ...appendOperation([deletes(name)]), name: 'delete' }, MERGE)
    expect((await table.manifests()).map(({ content, existingFilesCount }) => [content, existingFilesCount])).toEqual([
      ['data', 0],
      ['deletes', 2],
    ])
    expect(await table.liveFiles()).toEqual([
      ['a', 1],
      ['x', 2],
      ['y', 3],
      ['z', 4],
    ])
  })

  it('keeps row ids, and never gives one twice', async () => {
    const table = tableOf({ 'commit.manifest.min-count-to-merge': '3' }, { formatVersion: 3, nextRowId: '0' })
    await appendAll(table, 'a', 'b')
    const ids = async () =>
      new Map((await table.entries()).map(({ dataFile }) => [dataFile.filePath, Number(dataFile.firstRowId)]))
    const before = await ids()
    await appendAll(table, 'c', 'd', 'e')
    const after = await ids()
    for (const [name, id] of before) expect(after.get(name)).toBe(id)
    const starts = [...after.values()].toSorted((a, b) => a - b)
    for (const [i, start] of starts.entries())
      expect(start).toBeGreaterThanOrEqual(i === 0 ? 0 : (starts[i - 1] ?? 0) + 10)
    const { snapshots, nextRowId } = table.metadata
    expect(Number(nextRowId)).toBe(
      snapshots.reduce((next, { firstRowId, addedRows }) => {
        expect(Number(firstRowId)).toBe(next)
        return next + Number(addedRows)
      }, 0),
    )
    expect(Number(nextRowId)).toBeGreaterThanOrEqual((starts.at(-1) ?? 0) + 10)
  })

  it('gives rows from before format v3 their ids with the commit that merges them', async () => {
    const table = tableOf()
    await appendAll(table, 'a', 'b')
    table.metadata = { ...table.metadata, formatVersion: 3, nextRowId: '0' }
    await appendAll(table, 'c')
    expect((await table.entries()).map(({ dataFile }) => [dataFile.filePath, dataFile.firstRowId])).toEqual([
      ['a', '0'],
      ['b', '10'],
      ['c', '20'],
    ])
    expect(table.metadata.nextRowId).toBe('30')
  })

  it('works in format v1, and after an upgrade of the table', async () => {
    const table = tableOf(undefined, { formatVersion: 1 })
    await appendAll(table, 'a', 'b', 'c')
    expect(fileCounts(await table.manifests())).toEqual([[1, 2, 0]])
    table.apply({ requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion: 2 }] })
    await appendAll(table, 'd', 'e')
    expect(fileCounts(await table.manifests())).toEqual([[1, 4, 0]])
    expect(await table.liveFiles()).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['d', 1],
      ['e', 2],
    ])
  })

  it('is done again by an attempt after another commit, with the manifests of that commit', async () => {
    const table = tableOf()
    await appendAll(table, 'a', 'b')
    const producer = table.createProducer(append('c'), MERGE)
    const lost = await producer.produce(table.metadata)
    expect(fileCounts(lost.manifests)).toEqual([[1, 2, 0]])
    const again = await producer.produce(table.metadata)
    expect(again.manifests[0]?.manifestPath).toBe(lost.manifests[0]?.manifestPath)
    await table.commit(append('d'))
    const won = await producer.produce(table.metadata)
    expect(won.manifests[0]?.manifestPath).not.toBe(lost.manifests[0]?.manifestPath)
    table.apply(won.change)
    expect(await table.liveFiles()).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 4],
      ['d', 3],
    ])
  })

  it('passes the check that a commit only appends', async () => {
    const table = tableOf()
    await appendAll(table, 'a', 'b')
    const parent = await table.manifests()
    await appendAll(table, 'c')
    const [snapshot, next] = [table.snapshot(), await table.manifests()]
    const changes = compareManifests(parent, next, snapshot)
    const read = (manifests: readonly ManifestFile[]) =>
      Promise.all(
        manifests.map(async (manifest) => ({
          manifest,
          entries: await table.reader.readEntries(table.metadata, manifest),
        })),
      )
    const entries = { left: await read(changes.left), came: await read(changes.came), described: [] }
    expect(entries.left).toHaveLength(2)
    const steps = judgeAppend(entries, table.metadata, { parent, snapshot })
    expect(await decodeInTurns(steps, () => null)).toBeNull()
  })

  it('hides no change from a concurrent writer', async () => {
    const table = tableOf()
    await appendAll(table, 'a', 'b')
    const startingSnapshotId = table.metadata.currentSnapshotId
    const replaceAll = overwriteOperation({
      added: [file('new')],
      where: ALL_ROWS,
      validation: { startingSnapshotId, isolation: 'serializable' },
    })
    await appendAll(table, 'c')
    expect(await table.manifests()).toHaveLength(1)
    await expect(table.commit(replaceAll, MERGE)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { filePath: 'c' },
    })
  })

  it('leaves manifests that it cannot read as they are, and says so', async () => {
    const table = tableOf()
    await appendAll(table, 'a', 'b')
    const { readEntries } = table.reader
    table.reader.readEntries = async (metadata, manifest) => {
      if ((await table.manifests()).at(-1)?.manifestPath === manifest.manifestPath)
        throw new AppError('file-missing', 'The manifest is missing: m')
      return readEntries(metadata, manifest)
    }
    const { manifests, mergeProblems } = await table.commit(append('c'), MERGE)
    expect(manifests).toHaveLength(3)
    expect(mergeProblems).toEqual(['3 manifests cannot be merged. The manifest is missing: m'])
  })

  it('reads a bounded number of manifests and entries a commit, and leaves the others to later ones', async () => {
    const table = tableOf({ 'commit.manifest-merge.enabled': 'false' })
    await table.commit(append('a'))
    const [one] = await table.manifests()
    if (!one) throw new Error('no manifest')
    const listed = Array.from({ length: 5 }, (_, i) => ({
      ...one,
      addedFilesCount: MAX_MERGED_ENTRIES / 2 - i,
    }))
    table.reader.readManifests = async () => listed
    const reads: string[] = []
    const { readEntries } = table.reader
    table.reader.readEntries = async (metadata, manifest) => {
      reads.push(manifest.manifestPath)
      return readEntries(metadata, { ...manifest, addedFilesCount: 1 })
    }
    table.metadata = { ...table.metadata, properties: { 'commit.manifest.min-count-to-merge': '2' } }
    const { mergeProblems, manifests } = await table.createProducer(append('b'), MERGE).produce(table.metadata)
    expect(reads).toHaveLength(1)
    expect(manifests).toHaveLength(5)
    expect(mergeProblems).toEqual([
      '4 manifests were left for later commits: one commit merges at most 1000 manifests with 50000 entries.',
    ])
  })
})
