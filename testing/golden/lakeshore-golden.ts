import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { appendMetadataLog, applyUpdates, checkRequirements } from '@/lib/iceberg/commit/apply-updates'
import { newTableMetadata } from '@/lib/iceberg/commit/new-table-metadata'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { rowDeltaOperation } from '@/lib/iceberg/operations/row-delta'
import { SnapshotProducer } from '@/lib/iceberg/operations/snapshot-producer'
import { findLayout } from '@/lib/iceberg/operations/write-entries'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { PositionDeletes } from '@/server/data-files/delete-files/position-deletes'
import { toDataFile } from '@/server/data-files/write/data-file'
import { dataFileStem } from '@/server/data-files/write/data-file-name'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { localStore } from '@/server/storage/local/local-store'
import { mappedStore } from '@/server/storage/mapped-store'
import type { ObjectStore } from '@/server/storage/object-store'
import { snapshotReader } from '@/server/table/commit/run-operation'
import { GOLDEN_ROOT, type GoldenRows } from './golden-tables'

/**
 * The golden table that Lakeshore writes: a load of two partitions, and a delete of one row by position. Ids, times,
 * names, markers and the version in files are fixed, so that each write has the same bytes.
 */
export const LAKESHORE_TABLE = 'lakeshore_append_and_delete'

export const LAKESHORE_FIELDS: readonly NestedField[] = (
  [
    ['ride', 'long', true],
    ['city', 'string', false],
    ['fare', 'decimal(9, 2)', false],
    ['total', 'decimal(38, 10)', false],
    ['taken_at', 'timestamp', false],
    ['seen_at', 'timestamptz', false],
    ['day', 'date', false],
    ['seats', 'int', false],
    ['share', 'double', false],
    ['paid', 'boolean', false],
  ] as const
).map(([name, type, required], i) => ({ id: i + 1, name, type, required }))

/** In the recorded form. Those of the second partition have no time. */
const ROWS: GoldenRows['rows'] = [
  [
    '9007199254740993',
    'Łódź 🚣',
    '1234567.89',
    '9999999999999999999999999999.9999999999',
    '2024-02-29T23:59:59.999999',
    '2024-02-29T22:59:59.999999',
    '2024-02-29',
    '2147483647',
    '0.1',
    true,
  ],
  [
    '-9223372036854775808',
    '',
    '-0.01',
    '-0.0000000001',
    '2024-02-01T00:00:00.000000',
    '1969-12-31T23:59:59.999999',
    '1969-12-31',
    '-2147483648',
    '-5e-324',
    false,
  ],
  ['9223372036854775807', null, null, null, '2024-02-02T00:00:00.000001', null, null, null, null, null],
  ['0', 'Oslo', '5', '0', null, null, null, '0', '0.5', null],
  ['9007199254740992', null, null, null, null, null, null, null, null, null],
]
/** Within the first data file. */
const DELETED_POSITION = 1

const columns = LAKESHORE_FIELDS.map(({ name }) => name)
/** The rows at each snapshot. */
export const LAKESHORE_ROWS: readonly GoldenRows[] = [
  { columns, rows: ROWS },
  { columns, rows: ROWS.filter((_row, i) => i !== DELETED_POSITION) },
]

const LOCATION = `file://${GOLDEN_ROOT}/${LAKESHORE_TABLE}`
const COMMITS = [
  { snapshotId: '4611686018427387904', commitId: '8d3c1f7e-0c0e-4b8a-9a51-6f2f5d1b7a01', atMs: 1_709_251_200_001 },
  { snapshotId: '9223372036854775806', commitId: '8d3c1f7e-0c0e-4b8a-9a51-6f2f5d1b7a02', atMs: 1_709_251_200_002 },
] as const
const CREATED_AT_MS = 1_709_251_200_000
const ULIDS = ['01HQW5FS000000000000000001', '01HQW5FS000000000000000002']
/** Deflate without compression, for the same reason as uncompressed pages. */
const STORING_CODECS: AvroCodecs = { ...avroCodecs, deflate: (bytes) => deflateRawSync(bytes, { level: 0 }) }
const SYNC_MARKER = Buffer.from('lakeshore-golden')

/**
 * Writes the table with the code that writes tables of users.
 *
 * @param folder that gets the files below {@link LOCATION}
 */
export async function writeLakeshoreTable(folder: string): Promise<{ metadataLocation: string }> {
  mkdirSync(folder, { recursive: true })
  const to = `file://${folder}`
  const store = mappedStore(localStore([to]), [{ from: LOCATION, to }])
  const table = await createTable(store)
  const files = await loadRows(table.loaded)
  await table.commit(appendOperation(files, { schemaId: table.loaded.metadata.currentSchemaId }), COMMITS[0])
  await table.commit(await deleteRow(table.loaded, files[0]), COMMITS[1])
  return table.loaded
}

async function createTable(store: ObjectStore) {
  const metadata = newTableMetadata({
    schema: { schemaId: 0, identifierFieldIds: [], fields: LAKESHORE_FIELDS },
    partitionSpec: {
      specId: 0,
      fields: [{ sourceId: 5, fieldId: 1000, name: 'taken_at_month', transform: 'month' }],
    },
    location: LOCATION,
    // Compressors of other versions and processors make other bytes of the same pages.
    properties: { 'write.parquet.compression-codec': 'uncompressed' },
    tableUuid: '8d3c1f7e-0c0e-4b8a-9a51-6f2f5d1b7a00',
    nowMs: CREATED_AT_MS,
  })
  const identifier = { catalog: 'lake', namespace: ['golden'], table: LAKESHORE_TABLE }
  const write = async (next: TableMetadata, version: number): Promise<LoadedTable> => {
    const metadataLocation = `${LOCATION}/metadata/0000${version}-${next.tableUuid}.metadata.json`
    await store.writeNew(metadataLocation, Buffer.from(writeTableMetadata(next)))
    return { identifier, metadataLocation, metadata: next, store }
  }
  const created = {
    loaded: await write(metadata, 0),
    async commit(operation: SnapshotOperation, commit: (typeof COMMITS)[number]): Promise<void> {
      const { metadata: before, metadataLocation: metadataFile } = created.loaded
      const { change } = await createProducer(store, operation, commit).produce(before)
      checkRequirements(before, change.requirements)
      const updated = applyUpdates(before, change.updates, { nowMs: commit.atMs })
      const after = appendMetadataLog(updated, { metadataFile, timestampMs: before.lastUpdatedMs })
      created.loaded = await write(after, after.metadataLog.length)
    },
  }
  return created
}

/** As `runOperation`, with fixed names. */
function createProducer(
  store: ObjectStore,
  operation: SnapshotOperation,
  { snapshotId, commitId, atMs }: (typeof COMMITS)[number],
): SnapshotProducer {
  let manifestCount = 0
  const write = async (name: string, bytes: Uint8Array) => {
    const location = `${LOCATION}/metadata/${name}`
    await store.writeNew(location, withSyncMarker(bytes))
    return location
  }
  const reader = snapshotReader(() => ({ readFile: (location) => store.read(location), codecs: avroCodecs }))
  const writer = {
    snapshotId,
    codecs: STORING_CODECS,
    writeManifest: (bytes: Uint8Array) => write(`${commitId}-m${manifestCount++}.avro`, bytes),
    writeManifestList: (bytes: Uint8Array) => write(`snap-${snapshotId}-1-${commitId}.avro`, bytes),
    nowMs: () => atMs,
  }
  return new SnapshotProducer(operation, { reader, writer, mergesManifests: true })
}

/** Loads the rows as NDJSON, and moves the files to the table. */
async function loadRows({ metadata, store }: LoadedTable): Promise<DataFile[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-golden-'))
  try {
    const inputPath = path.join(folder, 'rows.ndjson')
    writeFileSync(inputPath, ROWS.map(toRecord).join(''))
    const stagingDir = path.join(folder, 'staging')
    mkdirSync(stagingDir)
    const layout = findLayout(metadata, metadata.defaultSpecId)
    const fileStem = dataFileStem(LAKESHORE_TABLE, CREATED_AT_MS)
    const { files } = await stageInput({
      ...layout,
      input: {
        path: inputPath,
        name: path.basename(inputPath),
        pathValues: new Map(),
        format: 'ndjson',
        ignoreExtra: false,
        csv: CSV_DEFAULTS,
        mapping: BY_NAME,
        loadedAtMs: CREATED_AT_MS,
      },
      rules: [],
      stagingDir,
      limits: { memoryMiB: 256, threads: 1, tempMiB: 64 },
      keyFiles: { folder: stagingDir, earlierNames: [] },
      sortOrder: null,
      rejects: { file: path.join(folder, 'rejects'), location: '', recordsFile: path.join(folder, 'records') },
      maxRejectedRows: 0,
      fileStem,
      write: {
        ...parseWriteSettings(metadata.properties, currentSchema(metadata), throwIgnored),
        createdBy: 'Lakeshore version 0.0.0',
      },
    })
    const placed: DataFile[] = []
    for (const [i, file] of files.entries()) {
      const named = { ...file, fileName: `${fileStem}_${ULIDS[i]}.parquet` }
      const location = dataFileLocation(named, metadata, layout)
      await store.importFile(file.stagedPath, location)
      placed.push(toDataFile(named, location, { specId: layout.spec.specId, sortOrderId: 0 }))
    }
    return placed
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A line of NDJSON, in which instants have their zone. */
function toRecord(row: GoldenRows['rows'][number]): string {
  const values = LAKESHORE_FIELDS.map(({ name, type }, i) => {
    const value = row[i] ?? null
    return [name, type === 'timestamptz' && typeof value === 'string' ? `${value}Z` : value]
  })
  return `${JSON.stringify(Object.fromEntries(values))}\n`
}

async function deleteRow(table: LoadedTable, file: DataFile | undefined): Promise<SnapshotOperation> {
  if (!file) throw new Error('the load wrote no file')
  const deleted = new DeletedRows(file.recordCount)
  deleted.add(DELETED_POSITION)
  const location = file.filePath.replace('.parquet', `-deletes_${ULIDS[0]}.parquet`)
  const deletes = await new PositionDeletes(table, new AbortController().signal).write(deleted, file, location)
  return rowDeltaOperation({
    added: [deletes],
    referencedDataFiles: new Set([file.filePath]),
    startingSnapshotId: table.metadata.currentSnapshotId,
    isolation: 'serializable',
    command: 'delete',
  })
}

/** An Avro file with a fixed marker between its blocks instead of a random one, which is also the end of the file. */
function withSyncMarker(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file)
  const marker = Buffer.from(bytes.subarray(-SYNC_MARKER.length))
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) SYNC_MARKER.copy(bytes, at)
  return bytes
}

function throwIgnored(sentence: string): never {
  throw new Error(sentence)
}
