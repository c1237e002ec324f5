import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { plainCodecs } from '@/testing/iceberg/plain-codecs'
import { writeAvroFile } from '@/lib/iceberg/avro/container'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { type EntryToWrite, writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import fc from 'fast-check'
import type { DeleteIndex } from '../deletes/delete-index'
import { type ManifestLayout, readDeleteIndex, readManifestLayout } from './manifest-layout'
import { planScan, type ScanStart } from './scan-plan'
import type { ScanTask } from './scan-task'
import {
  type ManifestEntryCache,
  readManifestEntries,
  type ManifestSource,
  readSnapshotManifests,
} from '../snapshot-manifests'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

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

/** A snapshot whose manifests have these entries; `reads` records the reads. */
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

const table = { metadata, snapshot }

async function listTasks(source: ManifestSource, start: ScanStart = { fromFile: 0 }): Promise<ScanTask[]> {
  const plan = await planScan(table, source)
  return await plan.listTasks(start)
}

describe('A scan', () => {
  test('has the manifests by sequence number, then as listed, and their files as they are, with all rows numbered', async () => {
    const { source } = createLake([
      { sequenceNumber: 5, entries: [added(file('b')), added(file('a', { recordCount: 3 }))] },
      { sequenceNumber: 5, entries: [added(file('0'))] },
      { sequenceNumber: 4, entries: [carried('existing', 2, file('z', { recordCount: 7, fileSizeBytes: 5 }))] },
    ])
    const order = (await listTasks(source)).map(({ filePath, sequenceNumber, fileIndex, firstRowIndex }) => [
      filePath,
      sequenceNumber,
      fileIndex,
      firstRowIndex,
    ])
    expect(order).toEqual([
      ['z', 2, 0, 0],
      ['b', 5, 1, 7],
      ['a', 5, 2, 17],
      ['0', 5, 3, 20],
    ])
    expect(await planScan(table, source)).toMatchObject({ rowCount: 30, fileCount: 4 })
  })

  test('is planned from the manifest list alone, and reads only the manifests of the files that are listed', async () => {
    const { source, reads } = createLake(
      Array.from({ length: 30 }, (_, index) => ({ sequenceNumber: 5, entries: [added(file(`f${index}`))] })),
    )
    const plan = await planScan(table, source)
    expect([plan.fileCount, plan.rowCount, reads]).toEqual([30, 300, ['mem:list']])
    const tasks = await plan.listTasks({ fromRow: 125 }, 2)
    expect(tasks.map(({ filePath }) => filePath)).toEqual(['f12', 'f13'])
    expect(reads).toEqual(['mem:list', 'mem:m12', 'mem:m13'])
  })

  test('lists the same files from any file, row or manifest as from the beginning', async () => {
    const rowCounts = fc.array(fc.record({ rows: fc.integer({ min: 0, max: 5 }), isDeleted: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    })
    const manifests = fc.array(fc.record({ sequenceNumber: fc.integer({ min: 1, max: 3 }), files: rowCounts }), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(manifests, fc.nat(40), fc.nat(40), async (generated, from, maxTasks) => {
        let count = 0
        const { source } = createLake(
          generated.map(({ sequenceNumber, files }) => ({
            sequenceNumber,
            entries: files.map(({ rows, isDeleted }) =>
              carried(isDeleted ? 'deleted' : 'existing', 1, file(`f${(count += 1)}`, { recordCount: rows })),
            ),
          })),
        )
        const plan = await planScan(table, source)
        const list = async (start: ScanStart, max?: number) => (await plan.listTasks(start, max)).map(toPosition)
        const all = await list({ fromFile: 0 })
        expect(all.map(({ fileIndex }) => fileIndex)).toEqual(all.map((_, index) => index))
        let rows = 0
        for (const { firstRowIndex, recordCount } of all) {
          expect(firstRowIndex).toBe(rows)
          rows += recordCount
        }
        expect([plan.fileCount, plan.rowCount]).toEqual([all.length, rows])
        expect(await list({ fromFile: from }, maxTasks)).toEqual(all.slice(from, from + maxTasks))
        const holder = all.findIndex(({ firstRowIndex, recordCount }) => from < firstRowIndex + recordCount)
        expect(await list({ fromRow: from }, maxTasks)).toEqual(holder < 0 ? [] : all.slice(holder, holder + maxTasks))
        const byManifest = await Promise.all(plan.manifests.map((planned) => plan.tasksOf(planned)))
        expect(byManifest.flat().map(toPosition)).toEqual(all)
      }),
      propertyRuns(100),
    )
  })

  test('refuses a manifest that has other files or rows than the manifest list says', async () => {
    const { source, files } = createLake([{ sequenceNumber: 5, entries: [added(file('a'))] }])
    const other = createLake([{ sequenceNumber: 5, entries: [added(file('a', { recordCount: 11 }))] }])
    // The list says how long a manifest is at least.
    files.set('mem:m0', other.files.get('mem:m0') ?? new Uint8Array())
    await expect(listTasks(source)).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining('1 live files with 11 rows, but the manifest list says 1 files with 10 rows'),
      facts: { file: 'mem:m0' },
    })
  })

  test('lets other work of the process have its turn while manifests are decoded', async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => added(file(`f${index}`)))
    const { source } = createLake([{ sequenceNumber: 5, entries }])
    let turnCount = 0
    const takeTurns = async () => void (turnCount += 1)
    expect(await listTasks({ ...source, takeTurns })).toHaveLength(1000)
    expect(turnCount).toBeGreaterThan(10)
  })

  test('leaves out deleted files, and does not read manifests with nothing else', async () => {
    const { source, reads } = createLake([
      { sequenceNumber: 5, entries: [carried('deleted', 1, file('gone')), added(file('new'))] },
      { sequenceNumber: 5, entries: [carried('deleted', 1, file('gone too'))] },
    ])
    expect((await listTasks(source)).map(({ filePath }) => filePath)).toEqual(['new'])
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
    const tasks = await listTasks(source)
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
    const plan = await planScan({ metadata, snapshot: null }, createLake([]).source)
    expect(plan).toMatchObject({ manifests: [], rowCount: 0, fileCount: 0 })
    expect(await plan.listTasks({ fromRow: 0 })).toEqual([])
  })
})

describe('Delete files', () => {
  const content = 'position-deletes'
  const lake = () =>
    createLake([
      { sequenceNumber: 4, entries: [added(file('a')), added(file('b'))] },
      {
        sequenceNumber: 5,
        entries: [file('p', { content }), file('e', { content: 'equality-deletes', equalityIds: [1] })].map(added),
      },
      { sequenceNumber: 6, entries: [added(file('c'))] },
      { sequenceNumber: 7, entries: [added(file('v', { content, fileFormat: 'puffin', referencedDataFile: 'b' }))] },
      { sequenceNumber: 7, entries: [carried('deleted', 2, file('gone', { content }))] },
    ])

  test('that apply to a data file are part of its task, by their position', async () => {
    const { source, reads } = lake()
    const plan = await planScan(table, source)
    expect(plan).toMatchObject({ fileCount: 3, rowCount: 30, deleteFileCount: 3 })
    expect(reads).toEqual(['mem:list'])
    const tasks = await plan.listTasks({ fromFile: 0 })
    expect(tasks.map(({ filePath, deletes }) => [filePath, deletes])).toEqual([
      ['a', [0, 1]],
      ['b', [1, 2]],
      ['c', []],
    ])
    const entries = (await plan.readDeletes())?.entries ?? []
    expect(entries.map(({ dataFile }) => dataFile.filePath)).toEqual(['p', 'e', 'v'])
    expect(reads.filter((location) => location === 'mem:m1')).toHaveLength(1)
  })

  test('are read once while they are cached', async () => {
    const { source, reads } = lake()
    const layouts = new Map<string, ManifestLayout>()
    const deletes = new Map<string, DeleteIndex>()
    for (let i = 0; i < 2; i++) {
      const plan = await planScan(table, source, { layouts, deletes })
      await plan.listTasks({ fromFile: 0 })
    }
    expect(reads.filter((location) => location === 'mem:m1')).toHaveLength(1)
  })

  test('of a table of 100,000 data files are found for a page of files, not for all', async () => {
    const dataFiles = Array.from({ length: 100 }, (_, manifest) => ({
      sequenceNumber: 4,
      entries: Array.from({ length: 1_000 }, (__, i) => added(file(`d${manifest * 1_000 + i}`))),
    }))
    const deleteFiles = Array.from({ length: 10 }, (_, manifest) => ({
      sequenceNumber: 5,
      entries: Array.from({ length: 1_000 }, (__, i) => {
        const index = manifest * 1_000 + i
        return added(file(`p${index}`, { content, referencedDataFile: `d${index * 10}` }))
      }),
    }))
    const { source } = createLake([...dataFiles, ...deleteFiles])
    const plan = await planScan(table, source)
    expect(plan).toMatchObject({ fileCount: 100_000, deleteFileCount: 10_000 })
    const page = await plan.listTasks({ fromFile: 99_900 }, 100)
    expect(page.flatMap(({ filePath, deletes }) => deletes.map((index) => [filePath, index]))).toEqual(
      Array.from({ length: 10 }, (_, i) => [`d${99_900 + 10 * i}`, 9_990 + i]),
    )
    const index = await plan.readDeletes()
    expect(index?.entries).toHaveLength(10_000)
    expect(await plan.readDeletes()).toBe(index)
  })

  test('are refused when there are too many, before any is read', async () => {
    const { source, reads } = lake()
    const layout = await readManifestLayout(table, source)
    await expect(readDeleteIndex(table, layout, source, undefined, 2)).rejects.toMatchObject({
      code: 'too-large',
      facts: { deleteFiles: 3 },
    })
    expect(reads).toEqual(['mem:list'])
  })
})

describe('A snapshot whose rows cannot be shown correctly is refused', () => {
  test('when it has data files that are neither Parquet nor Avro, with the number of each format', async () => {
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
    const planned = listTasks(source)
    await expect(planned).rejects.toMatchObject({
      code: 'not-supported',
      facts: { dataFiles: 4, orcFiles: 2, puffinFiles: 0 },
    })
    await expect(planned).rejects.toThrow(
      'has 2 ORC files among its 4 data files, but Lakeshore reads only Parquet and Avro',
    )
  })

  test('but not when its data files are Avro, whose format tasks state', async () => {
    const { source } = createLake([
      { sequenceNumber: 5, entries: [added(file('a')), added(file('b', { fileFormat: 'avro' }))] },
    ])
    expect((await listTasks(source)).map(({ fileFormat }) => fileFormat)).toEqual(['parquet', 'avro'])
  })

  test('as soon as a file of another format is met, with what was found so far', async () => {
    const orc = (name: string) => added(file(name, { fileFormat: 'orc' }))
    const { source } = createLake([
      { sequenceNumber: 4, entries: [added(file('a')), orc('b')] },
      { sequenceNumber: 5, entries: [orc('c')] },
    ])
    await expect(listTasks(source)).rejects.toThrow('has at least 1 ORC file among its 3 data files')
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
    expect(await listTasks(slow)).toHaveLength(30)
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
      fits: () => true,
    }
    const first = await listTasks({ ...source, cache })
    expect(await listTasks({ ...source, cache })).toEqual(first)
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
      fits: () => true,
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
    await expect(listTasks(source)).rejects.toMatchObject({
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
    const aborted = listTasks({ ...source, signal: AbortSignal.abort() })
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
    const { listTasks: list, rowCount } = await planScan({ metadata, snapshot: v1 }, source)
    const tasks = await list({ fromFile: 0 })
    expect(tasks.map(({ filePath, specId }) => [filePath, specId])).toEqual([
      ['b', 0],
      ['a', 1],
    ])
    expect(rowCount).toBe(20)
    expect(await readSnapshotManifests({ metadata, snapshot: v1 }, source)).toMatchObject([
      { manifestPath: 'mem:m0', addedFilesCount: 1, deletedFilesCount: 1, deletedRowsCount: 10, sequenceNumber: 0 },
      { manifestPath: 'mem:m1', addedFilesCount: 1, partitionSpecId: 1 },
    ])
    expect(await readSnapshotManifests({ metadata, snapshot: { ...v1, manifests: [] } }, source)).toEqual([])
  })
})

function toPosition({ filePath, fileIndex, firstRowIndex, recordCount }: ScanTask) {
  return { filePath, fileIndex, firstRowIndex, recordCount }
}

describe('A manifest list without counts, as old writers of format v1 left it', () => {
  test('makes the scan read the manifests once for their counts', async () => {
    const { source, reads } = createLake([
      { sequenceNumber: 5, entries: [added(file('a')), carried('deleted', 1, file('b'))] },
      { sequenceNumber: 5, entries: [added(file('c', { recordCount: 2 }))] },
    ])
    const [first, second] = await readSnapshotManifests(table, source)
    if (!first || !second) throw new Error('no manifests')
    const uncounted = { addedFilesCount: null, existingFilesCount: null, addedRowsCount: null, existingRowsCount: null }
    const plan = await planScan(table, withList(source, [{ ...first, ...uncounted }, second]))
    expect(plan).toMatchObject({ fileCount: 2, rowCount: 12 })
    expect(reads.filter((location) => location !== 'mem:list')).toEqual(['mem:m0'])
    expect(plan.manifests.map(({ fileCount, rowCount }) => [fileCount, rowCount])).toEqual([
      [1, 10],
      [1, 2],
    ])
  })
})

/** A manifest list of format v1, in which counts are optional. */
function withList(source: ManifestSource, manifests: readonly ManifestFile[]): ManifestSource {
  const rows = manifests.map((manifest) => ({
    manifest_path: manifest.manifestPath,
    manifest_length: manifest.manifestLengthBytes,
    partition_spec_id: manifest.partitionSpecId,
    added_snapshot_id: BigInt(manifest.addedSnapshotId),
    sequence_number: manifest.sequenceNumber,
    added_files_count: manifest.addedFilesCount,
    existing_files_count: manifest.existingFilesCount,
    deleted_files_count: manifest.deletedFilesCount,
    added_rows_count: manifest.addedRowsCount,
    existing_rows_count: manifest.existingRowsCount,
    deleted_rows_count: manifest.deletedRowsCount,
  }))
  const required = (name: string, id: number, type: string) => ({ name, type, 'field-id': id })
  const optional = (name: string, id: number, type: string) => ({
    name,
    type: ['null', type],
    default: null,
    'field-id': id,
  })
  const schema = {
    type: 'record',
    name: 'manifest_file',
    fields: [
      required('manifest_path', 500, 'string'),
      required('manifest_length', 501, 'long'),
      required('partition_spec_id', 502, 'int'),
      required('added_snapshot_id', 503, 'long'),
      required('sequence_number', 515, 'long'),
      optional('added_files_count', 504, 'int'),
      optional('existing_files_count', 505, 'int'),
      optional('deleted_files_count', 506, 'int'),
      optional('added_rows_count', 512, 'long'),
      optional('existing_rows_count', 513, 'long'),
      optional('deleted_rows_count', 514, 'long'),
    ],
  }
  const list = writeAvroFile(schema, rows, { 'format-version': '1' }, plainCodecs)
  const { readFile } = source
  return { ...source, readFile: async (location) => (location === 'mem:list' ? list : await readFile(location)) }
}
