import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { type EntryToWrite, writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import { planScan } from './plan'
import {
  type ManifestEntryCache,
  readManifestEntries,
  type ManifestSource,
  readSnapshotManifests,
} from './snapshot-manifests'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

const plainCodecs: AvroCodecs = { deflate: (bytes) => bytes, decompress: (_codec, bytes) => bytes }

const oldSchema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'origin', required: false, type: 'string' },
    { id: 2, name: 'distance', required: false, type: 'int' },
  ],
}
const newSchema: Schema = {
  schemaId: 1,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'from', required: false, type: 'string' }],
}
const unpartitioned: PartitionSpec = { specId: 0, fields: [] }
const partitioned: PartitionSpec = {
  specId: 1,
  fields: [
    { sourceId: 1, fieldId: 1000, name: 'origin_trunc', transform: 'truncate[2]' },
    { sourceId: 2, fieldId: 1001, name: 'distance', transform: 'Identity' },
  ],
}
const snapshot: Snapshot = {
  snapshotId: '10',
  parentSnapshotId: null,
  sequenceNumber: 5,
  timestampMs: 0,
  manifestList: 'mem:list',
  summary: {},
  schemaId: 1,
}
const metadata: TableMetadata = {
  formatVersion: 2,
  tableUuid: 'u',
  location: 'mem:t',
  lastSequenceNumber: 5,
  lastUpdatedMs: 0,
  lastColumnId: 2,
  schemas: [oldSchema, newSchema],
  currentSchemaId: 1,
  partitionSpecs: [unpartitioned, partitioned],
  defaultSpecId: 1,
  lastPartitionId: 1001,
  sortOrders: [],
  defaultSortOrderId: 0,
  properties: {},
  currentSnapshotId: '10',
  snapshots: [snapshot],
  snapshotLog: [],
  metadataLog: [],
  refs: {},
  nextRowId: null,
  encryptionKeys: [],
  statistics: [],
  partitionStatistics: [],
}

const METRICS = { ...EMPTY_METRICS, lowerBounds: new Map([[1, Uint8Array.of(0x41)]]) }

function file(filePath: string, more: Partial<DataFile> = {}): DataFile {
  return sampleDataFile(filePath, { metrics: METRICS, ...more })
}
const added = (dataFile: DataFile): EntryToWrite => ({ status: 'added', dataFile })
const carried = (status: 'existing' | 'deleted', sequenceNumber: number, dataFile: DataFile): EntryToWrite => ({
  status,
  snapshotId: '1',
  sequenceNumber,
  fileSequenceNumber: sequenceNumber,
  dataFile,
})

/** A snapshot whose manifests have these entries; `reads` records what is read. */
function createLake(manifests: readonly { sequenceNumber: number; entries: readonly EntryToWrite[] }[]) {
  const files = new Map<string, Uint8Array>()
  const listed = manifests.map(({ sequenceNumber, entries }, index): ManifestFile => {
    const [first] = entries
    const spec = first?.dataFile.specId === 1 ? partitioned : unpartitioned
    const content = first?.dataFile.content === 'data' ? 'data' : 'deletes'
    const head = { formatVersion: 2, content, schema: oldSchema, spec, snapshotId: '10' } as const
    const { bytes, summary } = writeManifest(entries, head, plainCodecs)
    files.set(`mem:m${index}`, bytes)
    return { ...summary, manifestPath: `mem:m${index}`, sequenceNumber, minSequenceNumber: 0 }
  })
  const head = { formatVersion: 2, snapshotId: '10', parentSnapshotId: null, sequenceNumber: 5 }
  files.set('mem:list', writeManifestList(listed, head, plainCodecs))
  const reads: string[] = []
  const source: ManifestSource = {
    codecs: plainCodecs,
    readFile: async (location) => {
      reads.push(location)
      const bytes = files.get(location)
      if (!bytes) throw new AppError('file-missing', 'There is no file at this location.', { facts: { location } })
      return bytes
    },
  }
  return { source, reads, files }
}

describe('A scan', () => {
  test('orders its files by sequence number, then by path, and numbers their rows continuously', async () => {
    const { source } = createLake([
      { sequenceNumber: 5, entries: [added(file('b')), added(file('a', { recordCount: 3 }))] },
      { sequenceNumber: 4, entries: [carried('existing', 2, file('z', { recordCount: 7, fileSizeBytes: 5 }))] },
    ])
    const plan = await planScan({ metadata, snapshot }, source)
    const order = plan.tasks.map(({ filePath, sequenceNumber, firstRowIndex }) => [
      filePath,
      sequenceNumber,
      firstRowIndex,
    ])
    expect(order).toEqual([
      ['z', 2, 0],
      ['a', 5, 7],
      ['b', 5, 10],
    ])
    expect(plan).toMatchObject({ rowCount: 20, fileBytes: 205 })
  })

  test('leaves out deleted files, and does not read manifests with nothing else', async () => {
    const { source, reads } = createLake([
      { sequenceNumber: 5, entries: [carried('deleted', 1, file('gone')), added(file('new'))] },
      { sequenceNumber: 5, entries: [carried('deleted', 1, file('gone too'))] },
    ])
    const { tasks } = await planScan({ metadata, snapshot }, source)
    expect(tasks.map(({ filePath }) => filePath)).toEqual(['new'])
    expect(reads).toEqual(['mem:list', 'mem:m0'])
  })

  test('has the values of identity partition columns, even if they have been dropped since', async () => {
    const { source } = createLake([
      {
        sequenceNumber: 5,
        entries: [
          added(file('a', { specId: 1, partition: ['AB', 7], splitOffsets: [4], sortOrderId: 2 })),
          added(file('b', { specId: 1, partition: [null, null] })),
        ],
      },
    ])
    const { tasks } = await planScan({ metadata, snapshot }, source)
    expect(tasks[0]).toMatchObject({
      specId: 1,
      partition: ['AB', 7],
      splitOffsets: [4],
      sortOrderId: 2,
      fileSizeBytes: 100,
    })
    expect(tasks.map(({ constants }) => [...constants])).toEqual([[[2, 7]], [[2, null]]])
    expect(tasks[0]?.metrics.lowerBounds).toEqual(new Map([[1, Uint8Array.of(0x41)]]))
  })

  test('of a table without a snapshot has no files', async () => {
    expect(await planScan({ metadata, snapshot: null }, createLake([]).source)).toEqual({
      tasks: [],
      rowCount: 0,
      fileBytes: 0,
    })
  })
})

describe('A snapshot whose rows cannot be shown correctly is refused', () => {
  test('when it has delete files, with the number of each kind', async () => {
    const deletes = [
      file('p1', { content: 'position-deletes' }),
      file('p2', { content: 'position-deletes' }),
      file('v', { content: 'position-deletes', fileFormat: 'puffin' }),
      file('e', { content: 'equality-deletes', equalityIds: [1] }),
    ]
    const { source } = createLake([
      { sequenceNumber: 4, entries: [added(file('a'))] },
      { sequenceNumber: 5, entries: deletes.map(added) },
    ])
    const planned = planScan({ metadata, snapshot }, source)
    await expect(planned).rejects.toMatchObject({
      code: 'not-supported',
      facts: { deleteFiles: 4, positionDeleteFiles: 2, deletionVectors: 1, equalityDeleteFiles: 1 },
    })
    await expect(planned).rejects.toThrow('with 2 position delete files, 1 deletion vector, 1 equality delete file,')
  })

  test('when it has data files that are not Parquet, with the number of each format', async () => {
    const { source } = createLake([
      {
        sequenceNumber: 5,
        entries: [
          file('a'),
          file('b', { fileFormat: 'orc' }),
          file('c', { fileFormat: 'orc' }),
          file('d', { fileFormat: 'avro' }),
        ].map(added),
      },
    ])
    const planned = planScan({ metadata, snapshot }, source)
    await expect(planned).rejects.toMatchObject({
      code: 'not-supported',
      facts: { dataFiles: 4, avroFiles: 1, orcFiles: 2, puffinFiles: 0 },
    })
    await expect(planned).rejects.toThrow('has 1 AVRO file, 2 ORC files among its 4 data files')
  })
})

describe('Manifests', () => {
  test('are read a few at a time, each once', async () => {
    const { source, reads } = createLake(
      Array.from({ length: 30 }, (_, index) => ({ sequenceNumber: 5, entries: [added(file(`f${index}`))] })),
    )
    let running = 0
    let maxRunning = 0
    const slow: ManifestSource = {
      ...source,
      readFile: async (location) => {
        running += 1
        maxRunning = Math.max(maxRunning, running)
        await new Promise((resolve) => setTimeout(resolve, 1))
        running -= 1
        return source.readFile(location)
      },
    }
    expect((await planScan({ metadata, snapshot }, slow)).tasks).toHaveLength(30)
    expect(maxRunning).toBe(8)
    expect(new Set(reads).size).toBe(31)
  })

  test('that are cached are not read again', async () => {
    const { source, reads } = createLake([{ sequenceNumber: 5, entries: [added(file('a'))] }])
    const store = new Map<string, readonly ManifestEntry[]>()
    const sizes: number[] = []
    const cache: ManifestEntryCache = {
      get: (path) => store.get(path),
      set: (path, entries, decodedBytes) => {
        store.set(path, entries)
        sizes.push(decodedBytes)
      },
    }
    const first = await planScan({ metadata, snapshot }, { ...source, cache })
    expect(await planScan({ metadata, snapshot }, { ...source, cache })).toEqual(first)
    expect(reads).toEqual(['mem:list', 'mem:m0', 'mem:list'])
    expect(sizes).toEqual([expect.any(Number)])
    expect(sizes[0]).toBeGreaterThan(20)
  })

  test('that are cached inherit from the manifest list that names them now', async () => {
    const { source } = createLake([{ sequenceNumber: 5, entries: [added(file('a')), added(file('b'))] }])
    const store = new Map<string, readonly ManifestEntry[]>()
    const cache: ManifestEntryCache = {
      get: (key) => store.get(key),
      set: (key, entries) => void store.set(key, entries),
    }
    const [manifest] = await readSnapshotManifests({ metadata, snapshot }, source)
    const inherited = async (more: Partial<ManifestFile>) => {
      const entries = await readManifestEntries(metadata, { ...manifest!, ...more }, { ...source, cache })
      return entries.map(({ sequenceNumber, dataFile }) => [sequenceNumber, dataFile.firstRowId])
    }
    const before = [5, null]
    expect(await inherited({ firstRowId: null })).toEqual([before, before])
    const rows = file('a').recordCount
    expect(await inherited({ firstRowId: '40' })).toEqual([
      [5, '40'],
      [5, String(40 + rows)],
    ])
    expect((await inherited({ sequenceNumber: 6 })).map(([sequenceNumber]) => sequenceNumber)).toEqual([6, 6])
    expect(await inherited({ firstRowId: null })).toEqual([before, before])
  })

  test('that are missing are named in the error, and no further one is read', async () => {
    const { source, files, reads } = createLake(
      Array.from({ length: 30 }, (_, index) => ({ sequenceNumber: 5, entries: [added(file(`f${index}`))] })),
    )
    files.delete('mem:m2')
    await expect(planScan({ metadata, snapshot }, source)).rejects.toMatchObject({
      code: 'file-missing',
      message: 'The manifest is missing: mem:m2',
      facts: { location: 'mem:m2' },
    })
    expect(reads.length).toBeLessThan(20)
    files.delete('mem:list')
    await expect(planScan({ metadata, snapshot }, source)).rejects.toThrow(
      'The manifest list of snapshot 10 is missing: mem:list',
    )
  })

  test('that cannot be read for another reason give that reason', async () => {
    const failing: ManifestSource = {
      ...createLake([]).source,
      readFile: () => Promise.reject(new Error('the disk is gone')),
    }
    await expect(planScan({ metadata, snapshot }, failing)).rejects.toThrow('the disk is gone')
  })

  test('are not read after the signal is aborted', async () => {
    const { source, reads } = createLake([{ sequenceNumber: 5, entries: [added(file('a'))] }])
    const aborted = planScan({ metadata, snapshot }, { ...source, signal: AbortSignal.abort() })
    await expect(aborted).rejects.toThrow('aborted')
    expect(reads).toEqual(['mem:list'])
  })
})

describe('A snapshot of format v1 that lists its manifests itself', () => {
  test('is planned like any other', async () => {
    const { source } = createLake([
      { sequenceNumber: 0, entries: [added(file('b')), carried('deleted', 0, file('c'))] },
      { sequenceNumber: 0, entries: [added(file('a', { specId: 1, partition: ['AB', 1] }))] },
    ])
    const v1: Snapshot = { ...snapshot, manifestList: null, manifests: ['mem:m0', 'mem:m1'], sequenceNumber: 0 }
    const { tasks, rowCount } = await planScan({ metadata, snapshot: v1 }, source)
    expect(tasks.map(({ filePath, specId }) => [filePath, specId])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
    expect(rowCount).toBe(20)
    expect(await readSnapshotManifests({ metadata, snapshot: v1 }, source)).toMatchObject([
      { manifestPath: 'mem:m0', addedFilesCount: 1, deletedFilesCount: 1, deletedRowsCount: 10, sequenceNumber: 0 },
      { manifestPath: 'mem:m1', addedFilesCount: 1, partitionSpecId: 1 },
    ])
    expect(await readSnapshotManifests({ metadata, snapshot: { ...v1, manifests: [] } }, source)).toEqual([])
  })
})
