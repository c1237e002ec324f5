import { readFileSync } from 'node:fs'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { findFixture } from '@/testing/find-fixture'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import type { AvroCodecs } from '../avro/codecs'
import { openAvroFile, writeAvroFile } from '../avro/container'
import type { AvroValue } from '../avro/write-value'
import type { DataFile, ManifestFile, Metrics } from './manifest'
import { describeManifestSteps } from './read-manifest'
import { type EntryToWrite, writeManifest } from './write-manifest'
import { readTableMetadata } from '../metadata/metadata-json'
import type { Schema } from '../schema/types'
import type { PartitionSpec } from '../partitioning/partition-spec'
import { decodeAtOnce, readManifest, readManifestList } from '@/testing/iceberg/read-at-once'

const codecs: AvroCodecs = {
  deflate: (bytes) => deflateRawSync(bytes),
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}
const schema: Schema = {
  schemaId: 4,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'day', required: false, type: 'date' },
    { id: 2, name: 'Origin Country', required: false, type: 'string' },
    { id: 3, name: 'fee', required: false, type: 'double' },
  ],
}
const spec: PartitionSpec = {
  specId: 2,
  fields: [
    { sourceId: 1, fieldId: 1000, name: 'day_month', transform: 'month' },
    { sourceId: 2, fieldId: 1003, name: 'Origin Country', transform: 'identity' },
  ],
}
const table = { specs: [{ specId: 0, fields: [] }, spec], schemas: [schema] }
const head = { formatVersion: 2, content: 'data', schema, spec, snapshotId: '9158179788527662767' } as const

const noMetrics: Metrics = {
  columnSizesBytes: new Map(),
  valueCounts: new Map(),
  nullValueCounts: new Map(),
  nanValueCounts: new Map(),
  lowerBounds: new Map(),
  upperBounds: new Map(),
}
const file: DataFile = {
  content: 'data',
  filePath: 'file:///w/t/data/a.parquet',
  fileFormat: 'parquet',
  specId: 2,
  partition: [377, 'Côte d’Ivoire'],
  recordCount: 10,
  fileSizeBytes: 5_000_000_000,
  sortOrderId: 0,
  equalityIds: null,
  splitOffsets: [4, 4_999_999_999],
  referencedDataFile: null,
  contentOffset: null,
  contentSizeBytes: null,
  firstRowId: null,
  metrics: {
    columnSizesBytes: new Map([
      [1, 300],
      [3, 2 ** 40],
    ]),
    valueCounts: new Map([[1, 10]]),
    nullValueCounts: new Map([
      [1, 0],
      [2, 10],
    ]),
    nanValueCounts: new Map([[3, 2]]),
    lowerBounds: new Map([[1, Uint8Array.of(1, 0, 0, 0)]]),
    upperBounds: new Map([
      [1, Uint8Array.of(2, 0, 0, 0)],
      [2, Uint8Array.of()],
    ]),
  },
}
const minimalFile: DataFile = {
  ...file,
  filePath: 'file:///w/t/data/b.parquet',
  partition: [null, null],
  recordCount: 7,
  sortOrderId: null,
  splitOffsets: null,
  metrics: noMetrics,
}
const carriedOver = { snapshotId: '12', sequenceNumber: 3, fileSequenceNumber: 4 }
const entries: EntryToWrite[] = [
  { status: 'added', dataFile: file },
  { status: 'existing', ...carriedOver, dataFile: minimalFile },
  { status: 'deleted', ...carriedOver, sequenceNumber: 1, fileSequenceNumber: null, dataFile: minimalFile },
]
const written = writeManifest(entries, head, codecs)
const manifestFile: ManifestFile = {
  ...written.summary,
  manifestPath: 'file:///w/t/metadata/m0.avro',
  sequenceNumber: 9,
  minSequenceNumber: 3,
}
const read = (bytes: Uint8Array, manifest: Partial<ManifestFile> = {}) =>
  readManifest(bytes, { ...manifestFile, manifestLengthBytes: bytes.length, ...manifest }, table, codecs).entries

describe('A manifest', () => {
  test('is read back as written', () => {
    const [added, existing, deleted] = read(written.bytes)
    expect(toPlainFile(added?.dataFile)).toEqual(file)
    expect(toPlainFile(existing?.dataFile)).toEqual(minimalFile)
    expect(existing).toMatchObject({ status: 'existing', ...carriedOver })
    expect(deleted).toMatchObject({ status: 'deleted', sequenceNumber: 1, fileSequenceNumber: null })
  })

  test('has a summary for the manifest list: counts, rows and partition bounds', () => {
    expect(written.summary).toEqual({
      manifestLengthBytes: written.bytes.length,
      partitionSpecId: 2,
      content: 'data',
      addedSnapshotId: '9158179788527662767',
      minSequenceNumber: 3,
      addedFilesCount: 1,
      existingFilesCount: 1,
      deletedFilesCount: 1,
      addedRowsCount: 10,
      existingRowsCount: 7,
      deletedRowsCount: 7,
      partitions: [
        { containsNull: true, containsNan: false, lowerBound: int(377), upperBound: int(377) },
        {
          containsNull: true,
          containsNan: false,
          lowerBound: utf8('Côte d’Ivoire'),
          upperBound: utf8('Côte d’Ivoire'),
        },
      ],
      firstRowId: null,
    })
  })

  test('has the header that Java writes', () => {
    const { headerText } = openAvroFile(written.bytes, { label: 'm', codecs })
    expect(['format-version', 'content', 'partition-spec-id', 'schema-id'].map(headerText)).toEqual([
      '2',
      'data',
      '2',
      '4',
    ])
    expect(JSON.parse(headerText('partition-spec') ?? '')).toEqual([
      { 'source-id': 1, 'field-id': 1000, name: 'day_month', transform: 'month' },
      { 'source-id': 2, 'field-id': 1003, name: 'Origin Country', transform: 'identity' },
    ])
    expect(JSON.parse(headerText('schema') ?? '')).toMatchObject({ type: 'struct', 'schema-id': 4 })
  })

  test('does not depend on the sequence number of its commit', () => {
    expect(writeManifest(entries.slice(0, 1), head, codecs).summary.minSequenceNumber).toBeNull()
    expect(read(written.bytes, { sequenceNumber: 100 })[0]).toMatchObject({
      sequenceNumber: 100,
      fileSequenceNumber: 100,
    })
  })

  test('of deletes keeps the kinds of the files and the data files they refer to', () => {
    const equality: DataFile = { ...minimalFile, content: 'equality-deletes', fileFormat: 'avro', equalityIds: [1, 2] }
    const vector: DataFile = {
      ...minimalFile,
      content: 'position-deletes',
      fileFormat: 'puffin',
      referencedDataFile: 'file:///x',
    }
    const { bytes, summary } = writeManifest(
      [equality, vector].map((dataFile) => ({ status: 'added', dataFile })),
      { ...head, content: 'deletes' },
      codecs,
    )
    expect(summary.content).toBe('deletes')
    expect(read(bytes, { content: summary.content }).map(({ dataFile }) => toPlainFile(dataFile))).toEqual([
      equality,
      vector,
    ])
  })

  test('gives files that replace older ones the older sequence number, which counts for the manifest', () => {
    const replacing: EntryToWrite = { status: 'added', dataFile: file, sequenceNumber: 2 }
    const { bytes, summary } = writeManifest([replacing, { status: 'added', dataFile: file }], head, codecs)
    expect(summary.minSequenceNumber).toBe(2)
    expect(read(bytes).map(({ sequenceNumber, fileSequenceNumber }) => [sequenceNumber, fileSequenceNumber])).toEqual([
      [2, 9],
      [9, 9],
    ])
  })

  test('of deletion vectors in v3 says where each is in its file', () => {
    const vector: DataFile = {
      ...minimalFile,
      content: 'position-deletes',
      fileFormat: 'puffin',
      referencedDataFile: 'file:///x',
      contentOffset: 4,
      contentSizeBytes: 5_000_000_000,
    }
    const { bytes } = writeManifest(
      [{ status: 'added', dataFile: vector }],
      { ...head, formatVersion: 3, content: 'deletes' },
      codecs,
    )
    expect(read(bytes, { content: 'deletes' }).map(({ dataFile }) => toPlainFile(dataFile))).toEqual([vector])
  })

  test('of format v1 has no sequence numbers', () => {
    const { bytes, summary } = writeManifest(entries, { ...head, formatVersion: 1 }, codecs)
    const [added, existing, deleted] = read(bytes, { sequenceNumber: 0, minSequenceNumber: 0 })
    expect(summary.content).toBe('data')
    expect(toPlainFile(added?.dataFile)).toEqual(file)
    expect(existing).toMatchObject({ status: 'existing', snapshotId: '12', sequenceNumber: 0, fileSequenceNumber: 0 })
    expect(deleted).toMatchObject({ status: 'deleted', snapshotId: head.snapshotId, sequenceNumber: 0 })
  })

  test('is not written when empty, in a later format, for deletes in v1, or with files of another content or spec', () => {
    expect(() => writeManifest([], head, codecs)).toThrow(TypeError)
    for (const other of [{ formatVersion: 4 }, { formatVersion: 1, content: 'deletes' as const }]) {
      expect(() => writeManifest(entries, { ...head, ...other }, codecs)).toThrow(
        expect.objectContaining({ code: 'not-supported', facts: { formatVersion: other.formatVersion } }),
      )
    }
    expect(() => writeManifest(entries, { ...head, content: 'deletes' }, codecs)).toThrow('does not belong')
    const otherSpecEntry: EntryToWrite = { status: 'added', dataFile: { ...file, specId: 0 } }
    expect(() => writeManifest([otherSpecEntry], head, codecs)).toThrow('does not belong')
  })
})

describe('A manifest of format v3', () => {
  const carriedEntries: EntryToWrite[] = [
    { status: 'existing', ...carriedOver, dataFile: { ...minimalFile, firstRowId: '9007199254740993' } },
    { status: 'added', dataFile: { ...file, firstRowId: '5' } },
    { status: 'deleted', ...carriedOver, dataFile: { ...minimalFile, firstRowId: '30' } },
    { status: 'deleted', ...carriedOver, dataFile: minimalFile },
    { status: 'added', dataFile: minimalFile },
    { status: 'existing', ...carriedOver, dataFile: minimalFile },
  ]
  const { bytes } = writeManifest(carriedEntries, { ...head, formatVersion: 3 }, codecs)
  const idsIn = (manifest: Partial<ManifestFile>) => read(bytes, manifest).map(({ dataFile }) => dataFile.firstRowId)

  test('keeps existing row ids, and the other files inherit theirs in order', () => {
    expect(openAvroFile(bytes, { label: 'm', codecs }).headerText('format-version')).toBe('3')
    expect(idsIn({ firstRowId: '9007199254740999' })).toEqual([
      '9007199254740993',
      '9007199254740999',
      '30',
      null,
      '9007199254741009',
      '9007199254741016',
    ])
  })

  test('leaves out ids that are not assigned', () => {
    expect(idsIn({ firstRowId: null })).toEqual(['9007199254740993', null, '30', null, null, null])
  })

  test('of an older format inherits them too, once its manifest list has them', () => {
    const ids = read(written.bytes, { firstRowId: '100' }).map(({ dataFile }) => dataFile.firstRowId)
    expect(ids).toEqual(['100', '110', null])
  })
})

describe('A field that an entry leaves out', () => {
  test('is inherited from the manifest list by added files only', () => {
    const entryWith = (status: number, rest: object = {}) => ({ ...minimalEntry(status), ...rest })
    const bytes = buildManifest([
      entryWith(1),
      entryWith(1, { sequence_number: 5 }),
      entryWith(0, { sequence_number: 4 }),
    ])
    expect(read(bytes, { addedSnapshotId: '77' })).toMatchObject([
      { status: 'added', snapshotId: '77', sequenceNumber: 9, fileSequenceNumber: 9 },
      { status: 'added', snapshotId: '77', sequenceNumber: 5, fileSequenceNumber: 9 },
      { status: 'existing', snapshotId: '77', sequenceNumber: 4, fileSequenceNumber: null },
    ])
  })

  test('is 0 for the sequence numbers of a manifest from before format v2', () => {
    const bytes = buildManifest([minimalEntry(0), minimalEntry(1), minimalEntry(2)])
    const numbers = read(bytes, { sequenceNumber: 0 }).map(({ sequenceNumber, fileSequenceNumber }) => [
      sequenceNumber,
      fileSequenceNumber,
    ])
    expect(numbers).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  test('is an error when an existing file has no sequence number and cannot inherit one', () => {
    expect(() => read(buildManifest([minimalEntry(0)]))).toThrow(
      expect.objectContaining({
        code: 'file-damaged',
        message: expect.stringContaining('the existing entry of file:///f has no sequence number'),
      }),
    )
  })

  test('makes a v1 file a data file without metrics', () => {
    const [entry] = read(buildManifest([minimalEntry(1)]))
    expect(toPlainFile(entry?.dataFile)).toEqual({
      ...minimalFile,
      filePath: 'file:///f',
      fileFormat: 'orc',
      recordCount: 1,
      fileSizeBytes: 2,
    })
  })
})

describe('A manifest without field ids', () => {
  test('is read by field names, and unknown fields are skipped', () => {
    const [entry] = read(buildManifest([minimalEntry(1)], { withIds: false }))
    expect(entry).toMatchObject({ status: 'added', dataFile: { filePath: 'file:///f', recordCount: 1 } })
  })
})

describe('A manifest as other writers make it', () => {
  test.each([1, 1000, 0, 2 ** 40])('is read when it is whole and listed with %i bytes', (manifestLengthBytes) => {
    expect(read(written.bytes, { manifestLengthBytes }).map(({ status }) => status)).toEqual([
      'added',
      'existing',
      'deleted',
    ])
  })

  test('may declare records as nullable, with null first or last', () => {
    for (const nullable of [['data_file', 'partition'], ['data_file']]) {
      for (const nullLast of [false, true]) {
        const bytes = buildAvroBytes(manifestSchema({ nullable, nullLast }), [[minimalEntry(1)]])
        expect(read(bytes)).toMatchObject([{ status: 'added', dataFile: { filePath: 'file:///f', recordCount: 1 } }])
      }
    }
  })

  test('is refused when a data file is null', () => {
    const nullFile = { ...minimalEntry(1), data_file: null }
    const bytes = buildAvroBytes(manifestSchema({ nullable: ['data_file'] }), [[nullFile]])
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining('a record is null') }),
    )
  })

  test('may have its fields in any order, with unknown ones among them', () => {
    const extra = [
      { name: 'note', type: ['null', 'string'], 'field-id': 20_001 },
      { name: 'more', type: { type: 'map', values: { type: 'array', items: 'double' } } },
    ]
    const values = { note: 'x', more: { a: [1, 2] } }
    const entry = { ...minimalEntry(1), ...values, data_file: { ...minimalEntry(1).data_file, ...values } }
    const bytes = buildAvroBytes(manifestSchema({ extra, isReversed: true }), [[entry]])
    const [expected] = read(buildManifest([minimalEntry(1)]))
    expect(read(bytes)).toEqual([{ ...expected, dataFile: { ...expected?.dataFile, metrics: expect.anything() } }])
  })
})

describe('A manifest that a v1 snapshot lists itself', () => {
  test('gives its own spec and counts', () => {
    const bytes = buildManifest([{ ...minimalEntry(1), snapshot_id: 5 }, minimalEntry(0)], {
      header: { 'partition-spec-id': '2' },
    })
    expect(describeManifest(bytes, { location: 'file:///m1', snapshotId: '6' }, table, codecs)).toEqual({
      manifestPath: 'file:///m1',
      manifestLengthBytes: bytes.length,
      partitionSpecId: 2,
      content: 'data',
      sequenceNumber: 0,
      minSequenceNumber: 0,
      addedSnapshotId: '5',
      addedFilesCount: 1,
      existingFilesCount: 1,
      deletedFilesCount: 0,
      addedRowsCount: 1,
      existingRowsCount: 1,
      deletedRowsCount: 0,
      partitions: [],
      firstRowId: null,
    })
  })

  test('defaults to the first spec, and to the snapshot that lists it', () => {
    const described = describeManifest(
      buildManifest([minimalEntry(0)]),
      { location: 'm', snapshotId: '6' },
      table,
      codecs,
    )
    expect(described).toMatchObject({ partitionSpecId: 0, addedSnapshotId: '6' })
  })
})

describe('A manifest that cannot be used', () => {
  const damagedError = (message: string) =>
    expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining(message) })

  test('is refused when it has another length than listed and other files or rows', () => {
    const { length } = written.bytes
    const counts = { addedFilesCount: 1, existingFilesCount: 1, deletedFilesCount: 1 }
    expect(() =>
      read(written.bytes, { ...counts, existingFilesCount: 2, addedRowsCount: 11, manifestLengthBytes: length + 40 }),
    ).toThrow(
      damagedError(
        `m0.avro cannot be read: it has ${length} bytes instead of the ${length + 40} in its manifest list, and 1 existing files instead of 2, 10 added rows instead of 11`,
      ),
    )
    expect(() => read(written.bytes, { deletedRowsCount: 8, manifestLengthBytes: length - 1 })).toThrow(
      damagedError('7 deleted rows instead of 8'),
    )
  })

  test.each([{ recordCount: -5 }, { fileSizeBytes: -1 }])(
    'is refused when a file has %o, which sums and readers of rows would count',
    (negative) => {
      const { bytes } = writeManifest([{ status: 'added', dataFile: { ...file, ...negative } }], head, codecs)
      expect(() => read(bytes)).toThrow(damagedError(`the count or size ${Object.values(negative)[0]}`))
    },
  )

  test('is refused wherever it is truncated, also between two blocks', () => {
    const inTwoBlocks = buildAvroBytes(manifestSchema(), [
      [minimalEntry(1)],
      [{ ...minimalEntry(0), sequence_number: 3 }],
    ])
    const listed = { ...manifestFile, ...oneAddedOneExisting, manifestLengthBytes: inTwoBlocks.length }
    const outcomes = Array.from({ length: inTwoBlocks.length }, (_, length) => {
      try {
        return readManifest(inTwoBlocks.subarray(0, length), listed, table, codecs).entries.length
      } catch (error) {
        return error instanceof AppError && error.message.includes(manifestFile.manifestPath) ? error.code : error
      }
    })
    expect(new Set(outcomes)).toEqual(new Set(['file-damaged']))
    expect(readManifest(inTwoBlocks, listed, table, codecs).entries).toHaveLength(2)
  })

  test('is refused when it is shorter than listed, and the list has no counts to check it by', () => {
    const { length } = written.bytes
    const uncounted = Object.fromEntries(Object.keys(oneAddedOneExisting).map((count) => [count, null]))
    expect(() => read(written.bytes, { ...uncounted, manifestLengthBytes: length + 1 })).toThrow(
      damagedError('which gives no counts to check it by'),
    )
    expect(read(written.bytes, { ...uncounted, manifestLengthBytes: length - 1 })).toHaveLength(3)
  })

  test('is refused when the table does not have its spec, or no schema at all', () => {
    expect(() => read(written.bytes, { partitionSpecId: 8 })).toThrow(damagedError('the table has no partition spec 8'))
    expect(() => readManifest(written.bytes, manifestFile, { ...table, schemas: [] }, codecs)).toThrow(
      damagedError('no schema'),
    )
  })

  test.each<[string, object, string]>([
    ['an unknown status', { status: 3 }, 'it has the unknown value 3, expected 0 to 2'],
    [
      'an unknown content',
      { data_file: { ...minimalEntry(1).data_file, content: 9 } },
      'it has the unknown value 9, expected 0 to 2',
    ],
    [
      'a list that contains null',
      { data_file: { ...minimalEntry(1).data_file, split_offsets: [null] } },
      'contains null',
    ],
  ])('is refused with %s', (_name, change, message) => {
    expect(() => read(buildManifest([{ ...minimalEntry(1), ...change }]))).toThrow(damagedError(message))
  })

  test('is not supported when a file is encrypted or of an unknown format', () => {
    const withFile = (change: object) =>
      buildManifest([{ ...minimalEntry(1), data_file: { ...minimalEntry(1).data_file, ...change } }])
    expect(read(withFile({ key_metadata: new Uint8Array() }))).toHaveLength(1)
    expect(() => read(withFile({ key_metadata: Uint8Array.of(1) }))).toThrow(
      expect.objectContaining({ code: 'not-supported', facts: { filePath: 'file:///f' } }),
    )
    expect(() => read(withFile({ file_format: 'lance' }))).toThrow(
      expect.objectContaining({ code: 'not-supported', facts: { format: 'lance' } }),
    )
    expect(() =>
      read(buildManifest([minimalEntry(1)], { nullable: ['file_format'], change: { file_format: null } })),
    ).toThrow(damagedError('file_format is null'))
  })

  test('gives entries or an expected error, whichever bytes are changed', () => {
    const { bytes } = writeManifest(entries, head, {
      ...codecs,
      deflate: (plainBytes) => deflateRawSync(plainBytes, { level: 0 }),
    })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const changed = bytes.slice()
          for (const [index, byte] of changes) changed[index] = byte
          expect(describeOutcome(changed)).toMatch(/entries$|^file-damaged$|^not-supported$/)
        },
      ),
      propertyRuns(3000),
    )
  })
})

describe('A table written by another engine', () => {
  const TABLES = [
    ['iceberg/java/bunnies', 'v5.metadata.json'],
    ['iceberg/spark/bunnies', 'v5.metadata.json'],
    ['iceberg/spark/rename_column', 'v3.metadata.json'],
    ['iceberg/athena/example', '00001-aaf0d033-d06b-43c7-be60-67f83abd4aca.metadata.json'],
  ] as const

  test.for(TABLES)(
    'has the files and rows in the summary of every snapshot: %s',
    ([folder, metadataFile], { skip }) => {
      const { metadata, entriesOf: readEntries } = openTable(folder, metadataFile, skip)
      expect(metadata.snapshots.length).toBeGreaterThan(0)
      for (const snapshot of metadata.snapshots) {
        const live = readEntries(snapshot.manifestList ?? '').filter(({ status }) => status !== 'deleted')
        const dataFiles = live.filter(({ dataFile }) => dataFile.content === 'data')
        expect({
          'total-data-files': String(dataFiles.length),
          'total-delete-files': String(live.length - dataFiles.length),
          'total-records': String(dataFiles.reduce((sum, { dataFile }) => sum + dataFile.recordCount, 0)),
          'total-files-size': String(live.reduce((sum, { dataFile }) => sum + dataFile.fileSizeBytes, 0)),
        }).toEqual(
          pick(snapshot.summary, ['total-data-files', 'total-delete-files', 'total-records', 'total-files-size']),
        )
      }
    },
  )

  test.for(TABLES)(
    'is read from manifests of another length than listed, unless one of their blocks is missing: %s',
    ([folder, metadataFile], { skip }) => {
      const { metadata, manifestsOf } = openTable(folder, metadataFile, skip)
      const parts = { specs: metadata.partitionSpecs, schemas: metadata.schemas }
      const manifests = manifestsOf(metadata.snapshots.at(-1)?.manifestList ?? '')
      expect(manifests.length).toBeGreaterThan(0)
      for (const { bytes, manifest } of manifests) {
        const readAs = (change: Partial<ManifestFile>, from = bytes) =>
          readManifest(from, { ...manifest, ...change }, parts, codecs).entries.length
        const entryCount = readAs({})
        expect(readAs({ manifestLengthBytes: bytes.length + 7 })).toBe(entryCount)
        expect(readAs({ manifestLengthBytes: bytes.length - 7 })).toBe(entryCount)
        const header = bytes.subarray(0, bytes.indexOf(bytes.subarray(-16)) + 16)
        expect(() => readAs({}, header)).toThrow(expect.objectContaining({ code: 'file-damaged' }))
        expect(() => readAs({}, bytes.subarray(0, -5))).toThrow(expect.objectContaining({ code: 'file-damaged' }))
      }
    },
  )

  test('has partition values, offsets and bounds as written (Spark)', ({ skip }) => {
    const { metadata, entriesOf: readEntries } = openTable(...TABLES[2], skip)
    const files = readEntries(metadata.snapshots[0]?.manifestList ?? '').map(({ dataFile }) => dataFile)
    expect(files.map(({ partition, recordCount, fileSizeBytes }) => [partition, recordCount, fileSizeBytes])).toEqual([
      [[3, null], 1, 1353],
      [[2, 18994], 1, 1368],
      [[0, 18993], 2, 1430],
    ])
    expect(files[2]?.splitOffsets).toEqual([4])
    const metrics = files[2]?.metrics
    expect(metrics?.lowerBounds.get(2)).toEqual(utf8('Flopsy 🐇'))
    expect(metrics?.upperBounds.get(4)).toEqual(Uint8Array.of(0x03, 0xe7))
    expect(metrics?.columnSizesBytes).toEqual(
      new Map([
        [1, 40],
        [2, 71],
        [3, 72],
        [4, 54],
        [5, 39],
      ]),
    )
    expect(metrics?.nanValueCounts.size).toBe(0)
  })

  test('has delete files with their equality fields (Java)', ({ skip }) => {
    const { metadata, entriesOf: readEntries } = openTable(...TABLES[0], skip)
    const deletes = readEntries(metadata.snapshots[2]?.manifestList ?? '').filter(
      ({ dataFile }) => dataFile.content !== 'data',
    )
    expect(
      deletes.map(({ sequenceNumber, dataFile }) => [sequenceNumber, dataFile.content, dataFile.equalityIds]),
    ).toEqual([
      [3, 'equality-deletes', [1]],
      [2, 'position-deletes', null],
    ])
  })
})

/** A file with its metrics as plain maps, for comparison. */
function toPlainFile(dataFile: DataFile | undefined): DataFile | undefined {
  if (!dataFile) return undefined
  const { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds } = dataFile.metrics
  return {
    ...dataFile,
    metrics: { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds },
  }
}

/** Reads everything, including metrics. Unexpected errors are rethrown. */
function describeOutcome(bytes: Uint8Array): string {
  try {
    return `${read(bytes).map(({ dataFile }) => toPlainFile(dataFile)).length} entries`
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

const oneAddedOneExisting = {
  addedFilesCount: 1,
  existingFilesCount: 1,
  deletedFilesCount: 0,
  addedRowsCount: 1,
  existingRowsCount: 1,
  deletedRowsCount: 0,
}

/** The minimum that an entry must contain. The file belongs to spec 2 and has neither metrics nor sequence numbers. */
function minimalEntry(status: number) {
  return {
    status,
    snapshot_id: null,
    sequence_number: null,
    data_file: {
      content: 0,
      file_path: 'file:///f',
      file_format: 'orc',
      partition: {},
      record_count: 1,
      file_size_in_bytes: 2,
      split_offsets: null as AvroValue,
      key_metadata: null as AvroValue,
      later: 1.5,
    },
  }
}

type SchemaOptions = {
  withIds?: boolean
  nullable?: readonly string[]
  nullLast?: boolean
  /** Fields that no specification knows, in every record. */
  extra?: readonly object[]
  isReversed?: boolean
}

function manifestSchema({
  withIds = true,
  nullable = [],
  nullLast = false,
  extra = [],
  isReversed = false,
}: SchemaOptions = {}): object {
  const inOrder = (fields: readonly object[]) => (isReversed ? fields.toReversed() : fields)
  const field = (name: string, fieldId: number, type: unknown) => ({
    name,
    type: !nullable.includes(name) ? type : nullLast ? [type, 'null'] : ['null', type],
    ...(withIds && { 'field-id': fieldId }),
  })
  const dataFile = {
    type: 'record',
    name: 'r2',
    fields: inOrder([
      field('content', 134, 'int'),
      field('file_path', 100, 'string'),
      field('file_format', 101, 'string'),
      field('partition', 102, { type: 'record', name: 'r102', fields: [] }),
      field('record_count', 103, 'long'),
      field('file_size_in_bytes', 104, 'long'),
      field('split_offsets', 132, ['null', { type: 'array', items: ['null', 'long'] }]),
      field('key_metadata', 131, ['null', 'bytes']),
      field('later', 9999, 'double'),
      ...extra,
    ]),
  }
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: inOrder([
      field('status', 0, 'int'),
      field('snapshot_id', 1, ['null', 'long']),
      field('sequence_number', 3, ['null', 'long']),
      field('data_file', 2, dataFile),
      ...extra,
    ]),
  }
}

function buildManifest(
  rows: AvroValue[],
  { change = {}, header = {}, ...options }: SchemaOptions & { change?: object; header?: Record<string, string> } = {},
): Uint8Array {
  const changed = rows.map((row) => {
    const { data_file, ...rest } = row as ReturnType<typeof minimalEntry>
    return { ...rest, data_file: { ...data_file, ...change } }
  })
  return writeAvroFile(manifestSchema(options), changed, header, codecs)
}

/** Opens a table of the fixtures. Its locations point elsewhere, so files are found by their names. */
function openTable(folder: string, metadataFile: string, skip: (note: string) => never) {
  const path = (location: string) => {
    const relative = `${folder}/metadata/${location.split('/').at(-1)}`
    return findFixture(relative) ?? skip(`${relative} is not here`)
  }
  const metadata = readTableMetadata(readFileSync(path(metadataFile), 'utf8'))
  const parts = { specs: metadata.partitionSpecs, schemas: metadata.schemas }
  const manifestsOf = (manifestList: string) =>
    readManifestList(readFileSync(path(manifestList)), codecs, { location: manifestList }).map((manifest) => ({
      manifest,
      bytes: readFileSync(path(manifest.manifestPath)),
    }))
  const entriesOf = (manifestList: string) =>
    manifestsOf(manifestList).flatMap(({ bytes, manifest }) => readManifest(bytes, manifest, parts, codecs).entries)
  return { metadata, manifestsOf, entriesOf }
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return bytes
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

const describeManifest = (...args: Parameters<typeof describeManifestSteps>) =>
  decodeAtOnce(describeManifestSteps(...args))
