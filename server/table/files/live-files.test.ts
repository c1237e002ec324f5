import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { type EntryToWrite, writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import { createTestStores } from '@/testing/stores/test-stores'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { ObjectStore } from '@/server/storage/object-store'
import { ManifestCache } from '@/server/table/manifest-cache'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { readLiveFiles } from './live-files'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { readManifests } from '@/testing/catalogs/read-manifests'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'at', required: false, type: 'timestamp' },
    { id: 2, name: 'origin', required: false, type: 'string' },
  ],
}
const withoutOrigin: Schema = { ...schema, schemaId: 1, fields: schema.fields.slice(0, 1) }
const spec: PartitionSpec = {
  specId: 3,
  fields: [
    { sourceId: 1, fieldId: 1000, name: 'at_month', transform: 'month' },
    { sourceId: 2, fieldId: 1001, name: 'origin', transform: 'identity' },
  ],
}

const manifestCache = new ManifestCache()
let home: string
let store: ObjectStore
let reads: string[]
let table: LoadedTable
let snapshot: Snapshot
let location: string

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'inspect-'))
  const localStore = createTestStores().storeFor({ kind: 'local', roots: [`file://${home}/warehouse`] })
  store = {
    ...localStore,
    read: (file, options) => {
      reads.push(path.basename(file))
      return localStore.read(file, options)
    },
  }
  location = `file://${home}/warehouse/demo/t`
  const data = (name: string, origin: string | null): DataFile => file(name, { partition: [377, origin] })
  const dataManifest = await write('m0.avro', 'data', [
    { status: 'added', dataFile: data('b', 'AB\nQ') },
    { status: 'added', dataFile: data('a', null) },
    { status: 'existing', snapshotId: '1', sequenceNumber: 2, fileSequenceNumber: 2, dataFile: data('c', '') },
    { status: 'deleted', snapshotId: '1', sequenceNumber: 1, fileSequenceNumber: 1, dataFile: data('gone', 'x') },
  ])
  const deletes = await write('m1.avro', 'deletes', [
    { status: 'added', dataFile: file('d', { content: 'position-deletes', partition: [377, 'AB\nQ'] }) },
  ])
  const head = { formatVersion: 2, snapshotId: '7', parentSnapshotId: null, sequenceNumber: 5 }
  await localStore.writeNew(
    `${location}/metadata/list.avro`,
    writeManifestList([dataManifest, deletes], head, avroCodecs),
  )
  snapshot = {
    snapshotId: '7',
    parentSnapshotId: null,
    sequenceNumber: 5,
    timestampMs: 0,
    manifestList: `${location}/metadata/list.avro`,
    summary: {},
    schemaId: 0,
  }
  table = {
    identifier: { catalog: 'local', namespace: ['demo'], table: 't' },
    metadataLocation: '',
    metadata: toMetadata([schema, withoutOrigin]),
    store: localStore,
  }
  reads = []

  async function write(name: string, content: 'data' | 'deletes', entries: EntryToWrite[]) {
    const written = writeManifest(entries, { formatVersion: 2, content, schema, spec, snapshotId: '7' }, avroCodecs)
    const manifestPath = `${location}/metadata/${name}`
    await localStore.writeNew(manifestPath, written.bytes)
    return { ...written.summary, manifestPath, sequenceNumber: 5, minSequenceNumber: 2 }
  }
})
afterAll(() => rm(home, { recursive: true }))

describe('The files of a snapshot', () => {
  test('are those that its manifests do not mark as deleted, with their partition, in scan order', async () => {
    const files = await readLiveFiles(manifestCache, table, snapshot, { store })
    const rows = files.map(({ dataFile, sequenceNumber, snapshotId, partitionLabel }) => [
      path.basename(dataFile.filePath),
      dataFile.content,
      sequenceNumber,
      snapshotId,
      partitionLabel,
    ])
    expect(rows).toEqual([
      ['b', 'data', 5, '7', 'at_month=2001-06, origin=AB\nQ'],
      ['a', 'data', 5, '7', 'at_month=2001-06, origin=null'],
      ['c', 'data', 2, '1', 'at_month=2001-06, origin='],
      ['d', 'position-deletes', 5, '7', 'at_month=2001-06, origin=AB\nQ'],
    ])
    expect(files.every((one) => one.spec === spec)).toBe(true)
    expect(files[0]?.dataFile.metrics.valueCounts).toEqual(new Map([[1, 10]]))
  })

  test('are read from disk once, and decoded again when the table has another schema', async () => {
    await readLiveFiles(manifestCache, table, snapshot, { store })
    reads.length = 0
    await readLiveFiles(manifestCache, table, snapshot, { store, signal: new AbortController().signal })
    expect(reads).toEqual(['list.avro'])
    const evolved = { ...table, metadata: toMetadata([schema, withoutOrigin, { ...withoutOrigin, schemaId: 2 }]) }
    await readLiveFiles(manifestCache, evolved, snapshot, { store })
    expect(reads.toSorted()).toEqual(['list.avro', 'list.avro', 'm0.avro', 'm1.avro'])
  })

  test('are empty when there is no snapshot', async () => {
    expect(await readLiveFiles(manifestCache, table, null, { store })).toEqual([])
    expect(await readManifests(manifestCache, table, null, { store })).toEqual([])
  })
})

describe('The manifests of a snapshot', () => {
  test('are in the order of the manifest list, with their counts', async () => {
    const manifests = await readManifests(manifestCache, table, snapshot, { store })
    const rows = manifests.map(({ manifestPath, content, addedFilesCount, existingFilesCount, deletedFilesCount }) => [
      path.basename(manifestPath),
      content,
      addedFilesCount,
      existingFilesCount,
      deletedFilesCount,
    ])
    expect(rows).toEqual([
      ['m0.avro', 'data', 2, 1, 1],
      ['m1.avro', 'deletes', 1, 0, 0],
    ])
  })

  test('are named when they are missing', async () => {
    const withoutList = { ...snapshot, manifestList: `${location}/metadata/none.avro` }
    await expect(readManifests(manifestCache, table, withoutList, { store })).rejects.toMatchObject({
      code: 'file-missing',
      message: `The manifest list of snapshot 7 is missing: ${withoutList.manifestList}`,
    })
  })

  test('are not read after the request was aborted', async () => {
    await expect(readLiveFiles(manifestCache, table, snapshot, { store, signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    )
  })
})

function file(name: string, changes: Partial<DataFile>): DataFile {
  const metrics = { ...EMPTY_METRICS, valueCounts: new Map([[1, 10]]) }
  return sampleDataFile(`${location}/data/${name}`, { specId: 3, metrics, ...changes })
}

function toMetadata(schemas: readonly Schema[]): TableMetadata {
  return {
    formatVersion: 2,
    tableUuid: 'u',
    location,
    lastSequenceNumber: 5,
    lastUpdatedMs: 0,
    lastColumnId: 2,
    schemas,
    currentSchemaId: schemas.length - 1,
    partitionSpecs: [spec],
    defaultSpecId: 3,
    lastPartitionId: 1001,
    sortOrders: [],
    defaultSortOrderId: 0,
    properties: {},
    currentSnapshotId: '7',
    snapshots: [],
    snapshotLog: [],
    metadataLog: [],
    refs: {},
    nextRowId: null,
    encryptionKeys: [],
    statistics: [],
    partitionStatistics: [],
  }
}
