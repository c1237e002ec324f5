import { describe, expect, it } from 'vitest'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { TableInMemory } from '@/testing/iceberg/table-in-memory'
import type { DataFile, ManifestEntry, ManifestFile } from '../manifest/manifest'
import type { EntryToWrite } from '../manifest/write-manifest'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { encodeSingleValue } from '../schema/single-value'
import { appendOperation } from './append'
import {
  compareManifests,
  judgeAppend,
  judgedTooMuch,
  MAX_JUDGED_BYTES,
  MAX_JUDGED_ENTRIES,
  MAX_JUDGED_MANIFESTS,
} from './judge-append'
import { findLayout, writeEntries } from './write-entries'
import { decodeAtOnce } from '@/testing/iceberg/read-at-once'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

const bounds = { lowerBounds: new Map([[1, encodeSingleValue('long', 1n)]]) }
const file = (name: string, overrides: Partial<DataFile> = {}): DataFile => {
  const plain = sampleDataFile(name, { partition: ['ABQ'], splitOffsets: [4], ...overrides })
  return { ...plain, metrics: { ...plain.metrics, ...bounds } }
}
const deletes = (name: string) => file(name, { content: 'position-deletes', recordCount: 1, referencedDataFile: 'a' })

/** Files a and b, in one manifest each, and with `deletes` a delete file of a. */
async function tableOf(formatVersion: TableMetadata['formatVersion'], withDeletes = false): Promise<TableInMemory> {
  const table = new TableInMemory({ formatVersion, nextRowId: formatVersion === 3 ? '0' : null })
  await table.commit(appendOperation([file('a')]))
  await table.commit(appendOperation([file('b', { partition: ['JFK'] })]))
  if (withDeletes) await table.commit({ ...appendOperation([deletes('d')]), name: 'delete' })
  return table
}

type Edits = {
  /** The carried entries of the merged manifest, data or deletes. */
  entries?: (entries: EntryToWrite[]) => EntryToWrite[]
  /** The merged manifest in the list. */
  listed?: Partial<ManifestFile>
  content?: ManifestFile['content']
}
type Existing = Extract<EntryToWrite, { status: 'existing' | 'deleted' }>

/** The next snapshot of a writer that merges all manifests of one content into one, with a new file c. */
async function merged(table: TableInMemory, { entries = (all) => all, listed = {}, content = 'data' }: Edits = {}) {
  const { metadata } = table
  const before = await table.manifests()
  const carried: Existing[] = []
  for (const manifest of before.filter((one) => one.content === content)) {
    for (const entry of await table.reader.readEntries(metadata, manifest))
      if (entry.status !== 'deleted') carried.push({ ...entry, status: 'existing' })
  }
  const sequenceNumber = metadata.formatVersion === 1 ? 0 : metadata.lastSequenceNumber + 1
  const added: EntryToWrite[] = content === 'data' ? [{ status: 'added', dataFile: file('c') }] : []
  let location = ''
  const written = await writeEntries(entries([...added, ...carried]), {
    ...findLayout(metadata, 0),
    metadata,
    writer: {
      snapshotId: '77',
      codecs: plainCodecs,
      async writeManifest(bytes) {
        location = `mem:merged-${table.files.size}`
        table.files.set(location, bytes)
        return location
      },
    },
  })
  const manifest: ManifestFile = {
    ...written,
    sequenceNumber,
    minSequenceNumber: written.minSequenceNumber ?? sequenceNumber,
    firstRowId: metadata.formatVersion === 3 && content === 'data' ? metadata.nextRowId : null,
    ...listed,
  }
  return [manifest, ...before.filter((one) => one.content !== content)]
}

async function judge(table: TableInMemory, next: readonly ManifestFile[], metadata: TableMetadata = table.metadata) {
  const snapshot: Pick<Snapshot, 'firstRowId'> = metadata.nextRowId === null ? {} : { firstRowId: metadata.nextRowId }
  const parent = metadata.currentSnapshotId === null ? [] : await table.manifests()
  const changes = compareManifests(parent, next, snapshot)
  const readAll = (manifests: readonly ManifestFile[]) =>
    Promise.all(
      manifests.map(async (manifest) => ({ manifest, entries: await table.reader.readEntries(metadata, manifest) })),
    )
  const read = {
    left: await readAll(changes.left),
    came: await readAll(changes.came),
    described: await readAll(changes.described),
  }
  return decodeAtOnce(judgeAppend(read, metadata, { parent, snapshot }))
}

const isOf = (name: string) => (entry: EntryToWrite) => entry.dataFile.filePath === name
const change = (name: string, edit: (entry: Existing) => EntryToWrite) => (all: EntryToWrite[]) =>
  all.map((entry) => (isOf(name)(entry) && entry.status !== 'added' ? edit(entry) : entry))
const changeFile = (name: string, overrides: Partial<DataFile>) =>
  change(name, (entry) => ({ ...entry, dataFile: { ...entry.dataFile, ...overrides } }))

describe.each([1, 2, 3] as const)('An append to a table of format v%i', (version) => {
  it('keeps the manifests of its parent, of which none is read, and adds one', async () => {
    const table = await tableOf(version)
    const before = await table.manifests()
    const { snapshot, manifests } = await table.createProducer(appendOperation([file('c')])).produce(table.metadata)
    const changes = compareManifests(before, manifests, snapshot)
    expect([changes.left, changes.came, changes.described]).toEqual([[], [manifests[0]], []])
    expect(await judge(table, manifests)).toBeNull()
  })

  it('may merge the manifests of its parent', async () => {
    const table = await tableOf(version)
    expect(await judge(table, await merged(table))).toBeNull()
  })

  it('removes nothing, neither with a manifest nor in one that it merges', async () => {
    const table = await tableOf(version)
    expect(await judge(table, [])).toMatch(/^removes [ab]$/)
    expect(await judge(table, (await table.manifests()).slice(1))).toBe('removes b')
    const without = (all: EntryToWrite[]) => all.filter((entry) => !isOf('a')(entry))
    expect(await judge(table, await merged(table, { entries: without }))).toBe('removes a')
    const deleted = change('a', (entry) => ({ ...entry, status: 'deleted' }))
    expect(await judge(table, await merged(table, { entries: deleted }))).toBe('marks files as deleted')
  })

  it('carries no file that its parent does not have, and none twice', async () => {
    const table = await tableOf(version)
    const [a] = await table.entries()
    const foreign = (all: EntryToWrite[]): EntryToWrite[] => [
      ...all,
      { ...(a as ManifestEntry), status: 'existing', dataFile: file('x') },
    ]
    const problem = 'lists a file as known that its parent does not have'
    expect(await judge(table, await merged(table, { entries: foreign }))).toBe(problem)
    const twice = (all: EntryToWrite[]) => [...all, ...all.filter(isOf('a'))]
    expect(await judge(table, await merged(table, { entries: twice }))).toBe(problem)
    const retained = [...(await merged(table)), ...(await table.manifests())]
    expect(await judge(table, retained)).toBe(problem)
  })

  it('changes no file that it carries in a way that hides rows', async () => {
    const table = await tableOf(version)
    const metrics = { ...file('a').metrics, lowerBounds: new Map([[1, encodeSingleValue('long', 2n)]]) }
    for (const overrides of [
      { recordCount: 9 },
      { fileSizeBytes: 99 },
      { partition: ['JFK'] },
      { splitOffsets: [50] },
      { metrics },
      { fileFormat: 'orc' },
    ] satisfies Partial<DataFile>[])
      expect(await judge(table, await merged(table, { entries: changeFile('a', overrides) }))).toBe(
        'changes what the table says about a',
      )
    const skipped = changeFile('a', { splitOffsets: null, metrics: sampleDataFile('a').metrics })
    expect(await judge(table, await merged(table, { entries: skipped }))).toBeNull()
  })

  it('describes merged manifests as they are, so that no reader skips one', async () => {
    const table = await tableOf(version)
    const summary = { containsNull: false, containsNan: null }
    for (const listed of [
      { existingFilesCount: 0 },
      { existingRowsCount: 0 },
      {
        partitions: [
          {
            ...summary,
            lowerBound: encodeSingleValue('string', 'ABQ'),
            upperBound: encodeSingleValue('string', 'ABQ'),
          },
        ],
      },
      { partitions: [{ ...summary, lowerBound: null, upperBound: null }] },
    ] satisfies Partial<ManifestFile>[])
      expect(await judge(table, await merged(table, { listed }))).toBe(
        'lists a manifest with other counts or partitions than it has',
      )
    expect(await judge(table, await merged(table, { listed: { partitions: [] } }))).toBeNull()
  })

  it('describes manifests that it keeps as its parent does, or fills in what was left out', async () => {
    const table = await tableOf(version)
    const added = await table.createProducer(appendOperation([file('c')])).produce(table.metadata)
    const [c, b, a] = added.manifests as [ManifestFile, ManifestFile, ManifestFile]
    expect(await judge(table, [c, b, { ...a, addedFilesCount: 0, existingFilesCount: 0 }])).toBe(
      'lists a manifest with other counts or partitions than it has',
    )
    const undescribed = { ...a, addedFilesCount: null, partitions: [] }
    expect(compareManifests([b, undescribed], [c, b, a], added.snapshot)).toMatchObject({ left: [], described: [a] })
    const entries = await table.reader.readEntries(table.metadata, a)
    const read = { left: [], came: [], described: [{ manifest: a, entries }] }
    expect(decodeAtOnce(judgeAppend(read, table.metadata, { parent: [], snapshot: {} }))).toBeNull()
  })

  it('is judged alike as the first snapshot of a table', async () => {
    const table = new TableInMemory({ formatVersion: version, nextRowId: version === 3 ? '0' : null })
    const { manifests } = await table.createProducer(appendOperation([file('c')])).produce(table.metadata)
    expect(await judge(table, manifests)).toBeNull()
    expect(await judge(table, [])).toBeNull()
  })
})

describe('An append', () => {
  it.each([2, 3] as const)('keeps the sequence numbers of its files in format v%i', async (version) => {
    const table = await tableOf(version)
    for (const numbers of [{ sequenceNumber: 2 }, { fileSequenceNumber: 2 }, { fileSequenceNumber: null }]) {
      const entries = change('a', (entry) => ({ ...entry, ...numbers }))
      expect(await judge(table, await merged(table, { entries }))).toBe('changes what the table says about a')
    }
    const early = await merged(table, { listed: { minSequenceNumber: 2 } })
    expect(await judge(table, early)).toBe('lists a manifest with other counts or partitions than it has')
  })

  it('adds no file again that it drops as known', async () => {
    const table = await tableOf(2)
    const asNew = change('a', ({ dataFile }) => ({ status: 'added', dataFile }))
    expect(await judge(table, await merged(table, { entries: asNew }))).toBe('removes a')
  })

  it('adds no delete files, and keeps those that there are', async () => {
    const table = await tableOf(2, true)
    const added = await table.createProducer(appendOperation([deletes('e')])).produce(table.metadata)
    expect(await judge(table, added.manifests)).toBe('adds delete files')
    const data = (await table.manifests()).filter(({ content }) => content === 'data')
    expect(await judge(table, data)).toBe('removes d')
    expect(await judge(table, await merged(table, { content: 'deletes' }))).toBeNull()
    expect(await judge(table, await merged(table))).toBeNull()
    const asData = (await merged(table, { content: 'deletes' })).map(
      (manifest): ManifestFile => ({ ...manifest, content: 'data' }),
    )
    expect(await judge(table, asData)).toBe('mixes data and delete files')
    const other = changeFile('d', { referencedDataFile: 'b' })
    expect(await judge(table, await merged(table, { content: 'deletes', entries: other }))).toBe(
      'changes what the table says about d',
    )
  })

  describe.each([2, 3] as const)('to a table of format v%i whose data was rewritten', (version) => {
    const deleteOf = (name: string, overrides: Partial<DataFile> = {}) =>
      file(name, {
        content: 'position-deletes',
        recordCount: 1,
        referencedDataFile: 'a',
        ...(version === 3 && { fileFormat: 'puffin', contentOffset: 4, contentSizeBytes: 40 }),
        ...overrides,
      })
    const equalityDeletes = (name: string) =>
      file(name, { content: 'equality-deletes', recordCount: 1, equalityIds: [1] })
    /** Deletes old1 and old2 (2), then r in place of a (3), then deletes new of r (4). */
    async function rewritten(data: readonly DataFile[] = [file('r')]): Promise<TableInMemory> {
      const table = new TableInMemory({ formatVersion: version, nextRowId: version === 3 ? '0' : null })
      await table.commit(appendOperation([file('a')]))
      // In format v3 a deletion vector is removed with its data file.
      const old = [version === 3 ? equalityDeletes('old1') : deleteOf('old1'), equalityDeletes('old2')]
      await table.commit({ ...appendOperation(old), name: 'delete' })
      await table.commit({ ...appendOperation(data), name: 'overwrite', removed: [await table.file('a')] })
      await table.commit({ ...appendOperation([deleteOf('new', { referencedDataFile: 'r' })]), name: 'delete' })
      expect(await table.liveFiles()).toEqual(
        expect.arrayContaining([
          ['old1', 2],
          ['old2', 2],
          ['new', 4],
        ]),
      )
      return table
    }
    const without =
      (...names: string[]) =>
      (all: EntryToWrite[]) =>
        all.filter((entry) => !names.some((name) => isOf(name)(entry)))
    const marked =
      (...names: string[]) =>
      (all: EntryToWrite[]) =>
        names.reduce((entries, name) => change(name, (entry) => ({ ...entry, status: 'deleted' }))(entries), all)

    it('drops delete files that are older than all data, alone or with their manifest', async () => {
      const table = await rewritten()
      const deletes = (entries: Edits['entries']) => merged(table, { content: 'deletes', ...(entries && { entries }) })
      expect(await judge(table, await deletes(without('old1', 'old2')))).toBeNull()
      expect(await judge(table, await deletes(marked('old1', 'old2')))).toBeNull()
      expect(await judge(table, await deletes(marked('old2')))).toBeNull()
      const retained = (await table.manifests()).filter((one) => one.content === 'data' || one.sequenceNumber === 4)
      expect(await judge(table, retained)).toBeNull()
    })

    it('keeps those that apply to any data, and those of the same number as data', async () => {
      const table = await rewritten()
      const deletes = (entries: Edits['entries']) => merged(table, { content: 'deletes', ...(entries && { entries }) })
      expect(await judge(table, await deletes(without('new')))).toBe('removes new')
      expect(await judge(table, await deletes(marked('new')))).toBe('marks files as deleted')
      expect(
        await judge(
          table,
          (await table.manifests()).filter(({ content }) => content === 'data'),
        ),
      ).toBe('removes new')

      const beside = await rewritten()
      await beside.commit({
        ...appendOperation([file('s'), deleteOf('same', { referencedDataFile: 's' })]),
        name: 'overwrite',
      })
      const retained = (await beside.manifests()).filter((one) => one.content === 'data' || one.sequenceNumber !== 5)
      expect(await judge(beside, retained)).toBe('removes same')
    })

    it('keeps all of them while one older data file is left, also in another partition', async () => {
      const table = await tableOf(version)
      await table.commit({ ...appendOperation([equalityDeletes('d')]), name: 'delete' })
      await table.commit({ ...appendOperation([file('r')]), name: 'overwrite', removed: [await table.file('a')] })
      expect(
        await judge(
          table,
          (await table.manifests()).filter(({ content }) => content === 'data'),
        ),
      ).toBe('removes d')
    })

    it('drops no data file for its number, and no delete file under another number', async () => {
      const table = await rewritten()
      expect(await judge(table, await merged(table, { entries: without('r') }))).toBe('removes r')
      const renumbered = change('new', (entry) => ({ ...entry, status: 'deleted', sequenceNumber: 1 }))
      expect(await judge(table, await merged(table, { content: 'deletes', entries: renumbered }))).toBe(
        'changes what the table says about new',
      )
    })

    it('adds no manifest whose files are older than its list says', async () => {
      const table = await rewritten()
      const [added, ...retained] = (await table.createProducer(appendOperation([file('c')])).produce(table.metadata))
        .manifests as [ManifestFile, ...ManifestFile[]]
      expect(await judge(table, [added, ...retained])).toBeNull()
      expect(await judge(table, [{ ...added, minSequenceNumber: added.sequenceNumber + 1 }, ...retained])).toBe(
        'lists a manifest as newer than its files',
      )
    })
  })

  it('keeps row ids, and gives them only to rows that have none', async () => {
    const table = await tableOf(3)
    const moved = changeFile('a', { firstRowId: '5' })
    expect(await judge(table, await merged(table, { entries: moved }))).toBe('changes what the table says about a')
    const [c, ...retained] = (await table.createProducer(appendOperation([file('c')])).produce(table.metadata))
      .manifests
    expect(await judge(table, [c as ManifestFile, ...retained.map((one) => ({ ...one, firstRowId: '99' }))])).toMatch(
      /^removes [ab]$/,
    )

    const upgraded = await tableOf(2)
    upgraded.apply({ requirements: [], updates: [{ action: 'upgrade-format-version', formatVersion: 3 }] })
    const first = await upgraded.createProducer(appendOperation([file('c')])).produce(upgraded.metadata)
    expect(first.manifests.map(({ firstRowId }) => firstRowId)).toEqual(['0', '10', '20'])
    expect(await judge(upgraded, first.manifests)).toBeNull()
    // The first of them may also be that of a manifest that there was.
    const inOtherOrder = first.manifests.toReversed().map((one, i) => ({ ...one, firstRowId: String(i * 10) }))
    expect(await judge(upgraded, inOtherOrder)).toBeNull()
    expect(await judge(upgraded, await merged(upgraded))).toBeNull()
    const numbered = { ...upgraded.metadata, nextRowId: '100' }
    expect(await judge(upgraded, first.manifests, numbered)).toMatch(/^removes [ab]$/)
  })

  it('is not read above the number of manifests, of entries and of bytes', () => {
    const came = (...manifests: ManifestFile[]) => ({ left: [], came: manifests, described: [] })
    const atBound = [
      came(...Array.from({ length: MAX_JUDGED_MANIFESTS }, () => sampleManifest())),
      came(sampleManifest({ addedFilesCount: MAX_JUDGED_ENTRIES })),
      came(sampleManifest({ manifestLengthBytes: MAX_JUDGED_BYTES })),
    ]
    for (const changes of atBound) {
      expect(judgedTooMuch(changes)).toBeNull()
      expect(judgedTooMuch({ ...changes, left: [sampleManifest()] })).toContain('at most')
    }
    // A list that understates its manifests is found out while they are read.
    const small = came(sampleManifest({ addedFilesCount: -5, manifestLengthBytes: -5 }))
    expect(judgedTooMuch(small)).toBeNull()
    expect(judgedTooMuch(small, { entryCount: MAX_JUDGED_ENTRIES + 1, bytes: 0 })).toContain('200001 entries')
  })
})
