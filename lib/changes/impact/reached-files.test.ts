import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import { cherryPick } from '../../iceberg/operations/cherry-pick'
import { appendOperation } from '../../iceberg/operations/append'
import { expireSnapshots } from '@/testing/iceberg/expiry-change'
import { overwriteOperation } from '../../iceberg/operations/overwrite'
import { groupByRetention, type RetentionGroup, sumByGroup } from './expiry-impact'
import { LocationSet } from './location-set'
import { type ReachedFile, reachedFiles, type SnapshotGroup } from './reached-files'
import type { ExpiryRequest } from './retained-snapshots'

const file = (name: string) => sampleDataFile(name, { partition: ['ABQ'] })
const append = (...names: string[]) => appendOperation(names.map(file))
const replace = (removed: string, added: string) =>
  overwriteOperation({ added: [file(added)], removed: [file(removed)], validation: null })

function readerOf(table: TableInMemory): Pick<SnapshotGroup<RetentionGroup>, 'readManifests' | 'readFiles'> {
  return {
    async *readManifests(snapshot) {
      yield* await table.reader.readManifests(table.metadata, snapshot)
    },
    async *readFiles(manifest) {
      for (const { status, dataFile } of await table.reader.readEntries(table.metadata, manifest))
        if (status !== 'deleted') yield dataFile
    },
  }
}

/** Expires, and removes unreachable files, as a job does. */
async function expire(table: TableInMemory, request: Partial<ExpiryRequest> = {}) {
  const nowMs = 1e13
  const { retention, change } = expireSnapshots(table.metadata, { nowMs, ...request })
  const reached: ReachedFile<RetentionGroup>[] = []
  for await (const one of reachedFiles(groupByRetention(table.metadata, retention, readerOf(table)))) reached.push(one)
  if (change) table.apply(change)
  const removed = reached.filter(({ group }) => group === 'removed').map(({ location }) => location)
  for (const location of removed) table.files.delete(location)
  return { reached, goes: removed }
}
const dataIn = (locations: readonly string[]) => locations.filter((location) => !location.startsWith('mem:')).sort()
/** Data files of every snapshot that is left; reads all their metadata. */
async function liveFiles(table: TableInMemory): Promise<string[]> {
  const lists = await Promise.all(table.metadata.snapshots.map(({ snapshotId }) => table.liveFiles(snapshotId)))
  return [...new Set(lists.flat().map(([location]) => location))].sort()
}
function moveMain(table: TableInMemory, snapshotId: string): void {
  table.apply({
    requirements: [],
    updates: [{ action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' }],
  })
}
function tag(table: TableInMemory, refName: string, snapshotId: string): void {
  table.apply({ requirements: [], updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type: 'tag' }] })
}

describe('The files that only expired snapshots reach', () => {
  it('are what later snapshots removed, with the metadata of the expired ones', async () => {
    const table = new TableInMemory()
    const first = await table.commit(append('a', 'b'))
    await table.commit(replace('a', 'c'))
    const { goes } = await expire(table)
    expect(new Set(goes)).toEqual(new Set(['a', first.snapshot.manifestList, first.manifests[0]?.manifestPath]))
    expect(await liveFiles(table)).toEqual(['b', 'c'])
  })

  it('say what is in them: rows, position or equality deletes, or deletion vectors', async () => {
    const table = new TableInMemory()
    const { snapshot, manifests } = await table.commit(append('a'))
    const files = [
      file('rows'),
      sampleDataFile('positions', { content: 'position-deletes' }),
      sampleDataFile('equal', { content: 'equality-deletes' }),
      sampleDataFile('vectors', { content: 'position-deletes', fileFormat: 'puffin' }),
      // The same file has the vectors of another data file.
      sampleDataFile('vectors', { content: 'position-deletes', fileFormat: 'puffin' }),
    ]
    const group: SnapshotGroup<'removed'> = {
      name: 'removed',
      metadata: table.metadata,
      snapshots: [snapshot],
      async *readManifests() {
        yield* manifests
      },
      async *readFiles() {
        yield* files
      },
    }
    const reached = []
    for await (const one of reachedFiles([group])) reached.push([one.kind, one.content])
    expect(reached).toEqual([
      ['manifest-list', null],
      ['manifest', null],
      ['data', 'data'],
      ['deletes', 'position-deletes'],
      ['deletes', 'equality-deletes'],
      ['deletes', 'deletion-vectors'],
    ])
  })

  it('are not what a tag reaches, nor what another branch removed (apache/iceberg#10982, #13568)', async () => {
    const table = new TableInMemory()
    const first = await table.commit(append('a'))
    tag(table, 'keep', first.snapshot.snapshotId)
    const second = await table.commit(replace('a', 'b'))
    await table.commit(replace('b', 'c'))
    const { goes } = await expire(table, { snapshotIds: [second.snapshot.snapshotId] })
    expect(dataIn(goes)).toEqual(['b'])
    expect(await liveFiles(table)).toEqual(['a', 'c'])
  })

  it('are, after a rollback, what the commits that were rolled back added, not what they removed (apache/iceberg#388)', async () => {
    const table = new TableInMemory()
    const first = await table.commit(append('a', 'b'))
    await table.commit(replace('a', 'c'))
    moveMain(table, first.snapshot.snapshotId)
    const { goes } = await expire(table)
    expect(dataIn(goes)).toEqual(['c'])
    expect(await liveFiles(table)).toEqual(['a', 'b'])
  })

  it('are not the files of a snapshot that was cherry-picked (apache/iceberg#744)', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const { snapshot } = await table.createProducer(append('b')).produce(table.metadata)
    table.apply({ requirements: [], updates: [{ action: 'add-snapshot', snapshot }] })
    await table.commit(append('c'))
    const { replay } = await cherryPick(table.metadata, { snapshotId: snapshot.snapshotId, reader: table.reader })
    await table.commit(replay ?? append())
    const { goes } = await expire(table)
    expect(table.metadata.snapshots).toHaveLength(1)
    expect(dataIn(goes)).toEqual([])
    expect(await liveFiles(table)).toEqual(['a', 'b', 'c'])
  })

  it('include statistics files of the expired snapshots, unless another one has them (amoro#1959)', async () => {
    const table = new TableInMemory()
    const [first, second] = [await table.commit(append('a')), await table.commit(append('b'))]
    const of = ({ snapshot }: typeof first, path: string) => ({
      'snapshot-id': BigInt(snapshot.snapshotId),
      'statistics-path': path,
      'file-size-in-bytes': 7,
    })
    table.metadata = {
      ...table.metadata,
      statistics: [of(first, 'shared'), of(first, 'old'), of(second, 'shared'), of(second, 'new')],
      partitionStatistics: [of(first, 'old-partitions')],
    }
    const { reached } = await expire(table)
    const statistics = reached.filter(({ kind }) => kind === 'statistics')
    expect(statistics.map(({ group, location, sizeBytes }) => [group, location, sizeBytes])).toEqual([
      ['main', 'shared', 7],
      ['main', 'new', 7],
      ['removed', 'old', 7],
      ['removed', 'old-partitions', 7],
    ])
  })

  it('are not what another table at the same location reaches (apache/iceberg#17213), in any spelling', async () => {
    const [table, other] = [new TableInMemory(), new TableInMemory()]
    await table.commit(append('s3://b/a', 's3://b/b'))
    await table.commit(
      overwriteOperation({ added: [], removed: [file('s3://b/a'), file('s3://b/b')], validation: null }),
    )
    await other.commit(append('s3a://b/a'))
    const { retention } = expireSnapshots(table.metadata, { nowMs: 1e13 })
    const groups = [
      ...groupByRetention(other.metadata, expireSnapshots(other.metadata, { nowMs: 1e13 }).retention, readerOf(other)),
      ...groupByRetention(table.metadata, retention, readerOf(table)),
    ]
    const goes: string[] = []
    const normalize = (location: string) => location.replace(/^s3a:/, 's3:')
    for await (const { group, kind, location } of reachedFiles(groups, normalize))
      if (group === 'removed' && kind === 'data') goes.push(location)
    expect(goes).toEqual(['s3://b/b'])
  })

  it('are not decided when a manifest that stays cannot be read', async () => {
    const table = new TableInMemory()
    await table.commit(append('a'))
    const { manifests } = await table.commit(replace('a', 'b'))
    table.files.delete(manifests[0]?.manifestPath ?? '')
    await expect(expire(table)).rejects.toThrow('was not written')
  })

  it('are counted with those that stay: each file once, for the first that keeps it', async () => {
    const table = new TableInMemory()
    const first = await table.commit(append('a'))
    tag(table, 'keep', first.snapshot.snapshotId)
    await table.commit(replace('a', 'b'))
    await table.commit(replace('b', 'c'))
    const { retention } = expireSnapshots(table.metadata, { nowMs: 1e13 })
    const totals = await sumByGroup(reachedFiles(groupByRetention(table.metadata, retention, readerOf(table))))
    expect([...totals.keys()]).toEqual(['main', 'other-refs', 'removed'])
    for (const ofGroup of totals.values()) {
      expect(ofGroup.get('data')).toEqual({ fileCount: 1, sizeBytes: 100n, unsizedCount: 0, recordCount: 10 })
      expect(ofGroup.get('manifest-list')).toEqual({ fileCount: 1, sizeBytes: 0n, unsizedCount: 1, recordCount: 0 })
    }
  })
})

type Step = {
  kind: 'append' | 'replace' | 'remove' | 'roll-back' | 'tag' | 'pick' | 'expire' | 'drop-tag'
  pick: number
}

it('Whatever happened to a table, an expiry leaves every snapshot that stays readable, and every other file goes', async () => {
  const steps = fc.array(
    fc.record<Step>({
      kind: fc.constantFrom('append', 'append', 'replace', 'remove', 'roll-back', 'tag', 'pick', 'expire', 'drop-tag'),
      pick: fc.nat(),
    }),
    { minLength: 4, maxLength: 14 },
  )
  const runs = propertyRuns(200)
  let removedFiles = 0
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const table = new TableInMemory()
      const everWritten = new Set<string>()
      let count = 0
      const newFile = () => {
        count += 1
        everWritten.add(`f${count}`)
        return `f${count}`
      }
      await table.commit(append(newFile()))
      for (const { kind, pick } of [...plan, { kind: 'expire', pick: 0 } as const]) {
        const chosen = table.metadata.snapshots[pick % table.metadata.snapshots.length]?.snapshotId ?? ''
        const live = (await table.liveFiles()).map(([location]) => location)
        const removed = live[pick % live.length]
        if (kind === 'append') await table.commit(append(newFile()))
        if (kind === 'replace' && removed) await table.commit(replace(removed, newFile()))
        if (kind === 'remove' && removed)
          await table.commit(overwriteOperation({ added: [], removed: [file(removed)], validation: null }))
        if (kind === 'roll-back') moveMain(table, chosen)
        if (kind === 'tag') tag(table, `t${pick % 3}`, chosen)
        if (kind === 'drop-tag')
          table.apply({ requirements: [], updates: [{ action: 'remove-snapshot-ref', refName: `t${pick % 3}` }] })
        if (kind === 'pick') await tryPick(table, chosen)
        if (kind !== 'expire') continue
        const { goes } = await expire(table, { retainLast: 1 + (pick % 3) })
        removedFiles += dataIn(goes).length
        const alive = await liveFiles(table)
        expect(goes.filter((location) => alive.includes(location))).toEqual([])
        for (const location of dataIn(goes)) everWritten.delete(location)
        expect([...everWritten].sort()).toEqual(alive)
      }
    }),
    runs,
  )
  expect(removedFiles).toBeGreaterThan(runs.numRuns / 4)
})

async function tryPick(table: TableInMemory, snapshotId: string): Promise<void> {
  const { fastForward, replay } = await cherryPick(table.metadata, { snapshotId, reader: table.reader }).catch(() => ({
    fastForward: () => null,
    replay: null,
  }))
  const change = fastForward(table.metadata)
  if (change) table.apply(change)
  else if (replay) await table.commit(replay).catch(() => null)
}

describe('A set of locations', () => {
  it('knows each location once, however long', () => {
    const set = new LocationSet()
    const locations = Array.from({ length: 20_000 }, (_, index) => `s3://bucket/${'x'.repeat(index % 9)}/é-${index}`)
    expect(locations.every((location) => set.add(location))).toBe(true)
    expect(locations.some((location) => set.add(location))).toBe(false)
    expect(locations.every((location) => set.has(location))).toBe(true)
    expect(locations.some((location) => set.has(`${location}x`))).toBe(false)
    expect(set.size).toBe(20_000)
    const long = `s3://${'é'.repeat(5_000)}`
    expect([set.add(`${long}1`), set.add(`${long}2`), set.add(`${long}1`)]).toEqual([true, true, false])
  })

  it('has a limit', () => {
    const set = new LocationSet(2)
    expect([set.add('a'), set.add('b'), set.add('a')]).toEqual([true, true, false])
    expect(() => set.add('c')).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})
