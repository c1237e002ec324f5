import { describe, expect, it } from 'vitest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import { appendOperation } from './append'

const file = (name: string, city: string | null = 'ABQ') => sampleDataFile(name, { partition: [city] })
const append = (...names: string[]) => appendOperation(names.map((name) => file(name)))

describe('An append', () => {
  it('lists new manifests first, and carries the others over as they are', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const before = await table.manifests()
    const { manifests } = await table.commit(append('b'))
    expect(manifests.slice(1)).toEqual(before)
    expect(await table.liveFiles()).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  it('that lost to another one writes its manifest list again, and keeps the other’s rows (iceberg-go#976)', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const producer = table.createProducer(append('b'))
    const lost = await producer.produce(table.metadata)
    await table.commit(append('c'))
    expect(() => table.apply(lost.change)).toThrow('branch main has changed')
    const won = await producer.produce(table.metadata)
    table.apply(won.change)
    expect(won.snapshot.manifestList).not.toBe(lost.snapshot.manifestList)
    // The manifest of the added file is the same.
    expect(won.manifests[0]?.manifestPath).toBe(lost.manifests[0]?.manifestPath)
    expect(await table.liveFiles()).toEqual([
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ])
  })

  it('does not list manifests without live files any more', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    await table.commit({ ...appendOperation([]), name: 'delete', removed: [await table.file('a')] })
    expect((await table.manifests()).map(({ deletedFilesCount }) => deletedFilesCount)).toEqual([1])
    await table.commit(append('b'))
    expect((await table.manifests()).map(({ addedFilesCount }) => addedFilesCount)).toEqual([1])
  })

  it('has manifests for each spec of its files', async () => {
    const table = new TableInMemory()
    table.apply({ requirements: [], updates: [{ action: 'add-spec', spec: { specId: 1, fields: [] } }] })
    const { manifests } = await table.commit(
      appendOperation([file('a'), sampleDataFile('b', { specId: 1 }), file('c', 'JFK')]),
    )
    expect(manifests.map(({ partitionSpecId, addedFilesCount }) => [partitionSpecId, addedFilesCount])).toEqual([
      [0, 2],
      [1, 1],
    ])
    await expect(table.commit(appendOperation([sampleDataFile('d', { specId: 9 })]))).rejects.toMatchObject({
      code: 'invalid-request',
      facts: { specId: 9 },
    })
  })

  it('to a branch moves only that branch and keeps its retention; nothing is committed to a tag', async () => {
    const table = new TableInMemory()
    const { snapshot } = await table.commit(append('a'))
    const { snapshotId } = snapshot
    table.apply({
      requirements: [],
      updates: [
        { action: 'set-snapshot-ref', refName: 'audit', snapshotId, type: 'branch', minSnapshotsToKeep: 3 },
        { action: 'set-snapshot-ref', refName: 'v1', snapshotId, type: 'tag' },
      ],
    })
    const next = await table.commit(append('b'), { branch: 'audit' })
    expect(table.metadata.refs).toMatchObject({
      main: { snapshotId },
      audit: { snapshotId: next.snapshot.snapshotId, minSnapshotsToKeep: 3 },
    })
    await expect(table.commit(append('c'), { branch: 'v1' })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('adds figures per partition to the summary when the table allows so many', async () => {
    const table = new TableInMemory({ properties: { 'write.summary.partition-limit': '2' } })
    await table.commit(appendOperation([file('a'), file('b', 'JFK')]))
    expect(table.snapshot().summary).toMatchObject({
      'changed-partition-count': '2',
      'partition-summaries-included': 'true',
      'partitions.city=ABQ': 'added-files-size=100,added-data-files=1,added-records=10',
    })
    await table.commit(appendOperation([file('c'), file('d', 'JFK'), file('e', 'LAX')]))
    expect(Object.keys(table.snapshot().summary).filter((name) => name.startsWith('partition'))).toEqual([])
  })

  it('counts what a manifest from format v1 does not say, and gives its rows ids (after upgrades)', async () => {
    const table = new TableInMemory()
    await table.commit(append('a', 'b'))
    const bare = {
      addedFilesCount: null,
      existingFilesCount: null,
      deletedFilesCount: null,
      addedRowsCount: null,
      existingRowsCount: null,
      deletedRowsCount: null,
    }
    const readManifests = table.reader.readManifests
    table.reader.readManifests = async (metadata, snapshot) =>
      (await readManifests(metadata, snapshot)).map((manifest) => ({ ...manifest, ...bare }))
    table.metadata = { ...table.metadata, formatVersion: 3, nextRowId: '0' }
    const { manifests, snapshot } = await table.commit(append('c'))
    expect(
      manifests.map(({ addedFilesCount, addedRowsCount, firstRowId }) => [addedFilesCount, addedRowsCount, firstRowId]),
    ).toEqual([
      [1, 10, '0'],
      [2, 20, '10'],
    ])
    expect(snapshot.addedRows).toBe('30')
  })

  it('to a table of format v1 fits after an upgrade meanwhile, because its files get their numbers then', async () => {
    const table = new TableInMemory({ formatVersion: 1 })
    await table.commit(append('a'))
    const producer = table.createProducer(append('b'))
    await producer.prepare(table.metadata)
    table.apply({ requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion: 2 }] })
    table.apply((await producer.produce(table.metadata)).change)
    expect(await table.liveFiles()).toEqual([
      ['a', 0],
      ['b', 1],
    ])
  })

  it('is never older than the table, whatever the clock of its writer says', async () => {
    const table = new TableInMemory()
    const { lastUpdatedMs } = table.metadata
    const [early, late] = [lastUpdatedMs - 60_000, lastUpdatedMs + 60_000]
    expect((await table.commit(append('a'), { nowMs: early })).snapshot.timestampMs).toBe(lastUpdatedMs)
    expect((await table.commit(append('b'), { nowMs: late })).snapshot.timestampMs).toBe(late)
  })
})
