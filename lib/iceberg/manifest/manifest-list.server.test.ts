import { readFileSync } from 'node:fs'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { findFixture } from '@/testing/find-fixture'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import type { AvroCodecs } from '../avro/codecs'
import { openAvroFile, writeAvroFile } from '../avro/container'
import type { AvroValue } from '../avro/write-value'
import type { ManifestFile } from './manifest'
import { writeManifestList } from './manifest-list'
import { readManifestList } from '@/testing/iceberg/read-at-once'

const codecs: AvroCodecs = {
  deflate: (bytes) => deflateRawSync(bytes),
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}
const read = (bytes: Uint8Array) => readManifestList(bytes, codecs, { location: 'file:///l.avro' })
const head = { formatVersion: 2, snapshotId: '9158179788527662767', parentSnapshotId: '1', sequenceNumber: 7 }

const data: ManifestFile = {
  manifestPath: 'file:///w/t/metadata/ü-m0.avro',
  manifestLengthBytes: 4321,
  partitionSpecId: 3,
  content: 'data',
  sequenceNumber: 7,
  minSequenceNumber: 2,
  addedSnapshotId: '9158179788527662767',
  addedFilesCount: 1,
  existingFilesCount: 2,
  deletedFilesCount: 3,
  addedRowsCount: 2 ** 40,
  existingRowsCount: 0,
  deletedRowsCount: 5,
  partitions: [
    { containsNull: true, containsNan: false, lowerBound: Uint8Array.of(1, 2), upperBound: Uint8Array.of(3) },
    { containsNull: false, containsNan: null, lowerBound: null, upperBound: null },
  ],
  firstRowId: null,
}
const deletes: ManifestFile = { ...data, content: 'deletes', partitions: [], addedSnapshotId: '12' }

describe('A manifest list', () => {
  test('is read back as written, in the same order', () => {
    expect(read(writeManifestList([data, deletes], head, codecs))).toEqual([data, deletes])
    expect(read(writeManifestList([], { ...head, parentSnapshotId: null }, codecs))).toEqual([])
  })

  test('of format v3 keeps the exact row ids of its data manifests', () => {
    const v3Header = { ...head, formatVersion: 3, firstRowId: '9007199254740993' }
    const list = [{ ...data, firstRowId: '9007199254740993' }, { ...data, firstRowId: '0' }, deletes]
    const bytes = writeManifestList(list, v3Header, codecs)
    expect(read(bytes)).toEqual(list)
    const { headerText } = openAvroFile(bytes, { label: 'l', codecs })
    expect(['format-version', 'first-row-id'].map(headerText)).toEqual(['3', '9007199254740993'])
    expect(() => writeManifestList([data], v3Header, codecs)).toThrow('have no row ids')
    expect(() => writeManifestList([], { ...v3Header, formatVersion: 2 }, codecs)).toThrow(TypeError)
    expect(() => writeManifestList([], { ...head, formatVersion: 3 }, codecs)).toThrow(TypeError)
  })

  test('of format v1 has no sequence numbers', () => {
    const bytes = writeManifestList([data], { ...head, formatVersion: 1 }, codecs)
    expect(read(bytes)).toEqual([{ ...data, sequenceNumber: 0, minSequenceNumber: 0 }])
    expect(openAvroFile(bytes, { label: 'l', codecs }).headerText('sequence-number')).toBeNull()
  })

  test.each([{ addedRowsCount: -5 }, { existingFilesCount: -1 }, { manifestLengthBytes: -1 }])(
    'is refused with %o, which readers would skip or add',
    (negative) => {
      const bytes = writeManifestList([{ ...data, ...negative }], head, codecs)
      expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'file-damaged' }))
    },
  )

  test('is not written in a later format, for deletes in v1, or without counts', () => {
    for (const [formatVersion, manifest] of [
      [4, data],
      [1, deletes],
    ] as const) {
      expect(() => writeManifestList([manifest], { ...head, formatVersion }, codecs)).toThrow(
        expect.objectContaining({ code: 'not-supported', facts: { formatVersion } }),
      )
    }
    expect(() => writeManifestList([{ ...data, addedRowsCount: null }], head, codecs)).toThrow(
      expect.objectContaining({
        code: 'not-supported',
        facts: { manifestPath: data.manifestPath, count: 'addedRowsCount' },
      }),
    )
  })
})

describe('A manifest list of format v1', () => {
  // Written by fastavro 1.13, without field ids, with the older names of the counts and an unknown field.
  const v1 = Buffer.from(
    'T2JqAQQUYXZyby5jb2RlYwhudWxsFmF2cm8uc2NoZW1hrgZ7InR5cGUiOiAicmVjb3JkIiwgIm5hbWUiOiAibWFuaWZlc3RfZmlsZSIsICJmaWVsZHMiOiBbeyJuYW1lIjogIm1hbmlmZXN0X3BhdGgiLCAidHlwZSI6ICJzdHJpbmcifSwgeyJuYW1lIjogIm1hbmlmZXN0X2xlbmd0aCIsICJ0eXBlIjogImxvbmcifSwgeyJuYW1lIjogInBhcnRpdGlvbl9zcGVjX2lkIiwgInR5cGUiOiAiaW50In0sIHsibmFtZSI6ICJhZGRlZF9zbmFwc2hvdF9pZCIsICJ0eXBlIjogWyJudWxsIiwgImxvbmciXSwgImRlZmF1bHQiOiBudWxsfSwgeyJuYW1lIjogImFkZGVkX2RhdGFfZmlsZXNfY291bnQiLCAidHlwZSI6IFsibnVsbCIsICJpbnQiXSwgImRlZmF1bHQiOiBudWxsfSwgeyJuYW1lIjogImxhdGVyIiwgInR5cGUiOiB7InR5cGUiOiAibWFwIiwgInZhbHVlcyI6ICJkb3VibGUifX1dfQAwMTIzNDU2Nzg5YWJjZGVmBMwBOGZpbGU6Ly8vdy90L21ldGFkYXRhL20wLmF2cm/CQwACmNai8pP+9dlUAAICYQAAAAAAAPg/ADhmaWxlOi8vL3cvdC9tZXRhZGF0YS/DqS5hdnJv4MUIAgL///////////8BAgYAMDEyMzQ1Njc4OWFiY2RlZg==',
    'base64',
  )

  test('is read by field names, and fields added later get their defaults', () => {
    const v1Defaults = {
      content: 'data',
      sequenceNumber: 0,
      minSequenceNumber: 0,
      existingFilesCount: null,
      deletedFilesCount: null,
      addedRowsCount: null,
      existingRowsCount: null,
      deletedRowsCount: null,
      partitions: [],
      firstRowId: null,
    }
    expect(read(v1)).toEqual([
      {
        ...v1Defaults,
        manifestPath: 'file:///w/t/metadata/m0.avro',
        manifestLengthBytes: 4321,
        partitionSpecId: 0,
        addedSnapshotId: '3051729675574597004',
        addedFilesCount: null,
      },
      {
        ...v1Defaults,
        manifestPath: 'file:///w/t/metadata/é.avro',
        manifestLengthBytes: 70000,
        partitionSpecId: 1,
        addedSnapshotId: '-9223372036854775808',
        addedFilesCount: 3,
      },
    ])
  })
})

describe('A manifest list as other writers make it', () => {
  const summary = {
    type: 'record',
    name: 'r508',
    fields: [
      { name: 'upper_bound', type: ['bytes', 'null'], 'field-id': 511 },
      { name: 'contains_null', type: ['null', 'boolean'], 'field-id': 509 },
    ],
  }
  // Counts and sequence numbers are missing, everything may be null, and fields are out of order.
  const schema = {
    type: 'record',
    name: 'manifest_file',
    fields: [
      { name: 'note', type: { type: 'array', items: ['string', 'null'] } },
      { name: 'content', type: ['int', 'null'], 'field-id': 517 },
      { name: 'partitions', type: [{ type: 'array', items: ['null', summary] }, 'null'], 'field-id': 507 },
      { name: 'added_snapshot_id', type: ['null', 'long'], 'field-id': 503 },
      { name: 'partition_spec_id', type: ['null', 'int'], 'field-id': 502 },
      { name: 'manifest_length', type: ['long', 'null'], 'field-id': 501 },
      { name: 'manifest_path', type: ['null', 'string'], 'field-id': 500 },
    ],
  }
  const row = {
    note: ['x', null],
    content: 1,
    partitions: [{ upper_bound: Uint8Array.of(3), contains_null: true }],
    added_snapshot_id: 12n,
    partition_spec_id: 3,
    manifest_length: 99,
    manifest_path: 'file:///m.avro',
  }

  test('is read with nullable fields and records, unknown fields, another order, and without optional fields', () => {
    expect(read(buildAvroBytes(schema, [[row], [{ ...row, content: null, partitions: null }]]))).toEqual([
      {
        manifestPath: 'file:///m.avro',
        manifestLengthBytes: 99,
        partitionSpecId: 3,
        content: 'deletes',
        sequenceNumber: 0,
        minSequenceNumber: 0,
        addedSnapshotId: '12',
        addedFilesCount: null,
        existingFilesCount: null,
        deletedFilesCount: null,
        addedRowsCount: null,
        existingRowsCount: null,
        deletedRowsCount: null,
        partitions: [{ containsNull: true, containsNan: null, lowerBound: null, upperBound: Uint8Array.of(3) }],
        firstRowId: null,
      },
      expect.objectContaining({ content: 'data', partitions: [] }),
    ])
  })

  test('is damaged when a required value is null', () => {
    expect(() => read(buildAvroBytes(schema, [[{ ...row, manifest_path: null }]]))).toThrow(
      expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining('manifest_path is null') }),
    )
  })
})

describe('A manifest list that cannot be used', () => {
  const fields = [
    { name: 'manifest_path', type: 'string', 'field-id': 500 },
    { name: 'manifest_length', type: 'long', 'field-id': 501 },
    { name: 'partition_spec_id', type: 'int', 'field-id': 502 },
    { name: 'added_snapshot_id', type: 'long', 'field-id': 503 },
    { name: 'content', type: 'int', 'field-id': 517 },
    { name: 'key_metadata', type: ['null', 'bytes'], 'field-id': 519 },
  ]
  const row = { manifest_path: 'm', manifest_length: 1, partition_spec_id: 0, added_snapshot_id: 1, content: 0 }
  const list = (rows: AvroValue[]) => writeAvroFile({ type: 'record', name: 'm', fields }, rows, {}, codecs)

  test('gives an error that names an encrypted manifest', () => {
    expect(
      read(
        list([
          { ...row, key_metadata: null },
          { ...row, key_metadata: new Uint8Array() },
        ]),
      ),
    ).toHaveLength(2)
    expect(() => read(list([{ ...row, key_metadata: Uint8Array.of(1) }]))).toThrow(
      expect.objectContaining({ code: 'not-supported', facts: { manifestPath: 'm' } }),
    )
  })

  test('is damaged when a manifest has unknown content', () => {
    expect(() => read(list([{ ...row, content: 2, key_metadata: null }]))).toThrow(
      'The manifest list file:///l.avro cannot be read: it has the unknown value 2, expected 0 to 1',
    )
  })

  test('is damaged when a required field id is missing, even if the name matches', () => {
    const renumbered = fields.map((field) => (field.name === 'manifest_path' ? { ...field, 'field-id': 999 } : field))
    const bytes = writeAvroFile({ type: 'record', name: 'm', fields: renumbered }, [], {}, codecs)
    expect(() => read(bytes)).toThrow('it has no field manifest_path')
  })
})

describe('A manifest list written by another engine', () => {
  const JAVA = 'iceberg/java/bunnies/metadata/snap-9158179788527662767-1-a01399a1-e864-4562-b921-c8cb56e6e4a9.avro'
  const SPARK =
    'iceberg/spark/rename_column/metadata/snap-5276958600260276572-1-abf62b15-903b-40b6-9e6b-26bcdceac9b3.avro'
  const ATHENA = 'iceberg/athena/example/metadata/snap-6838723292707092922-1-3d82674b-df1e-49b5-a7a9-05b61567065a.avro'

  test.for([JAVA, SPARK, ATHENA])('is read, and can be written again without loss: %s', (path, { skip }) => {
    const manifests = read(readFixture(path, skip))
    expect(manifests.length).toBeGreaterThan(0)
    expect(read(writeManifestList(manifests, head, codecs))).toEqual(manifests)
  })

  test('distinguishes data from deletes (Java)', ({ skip }) => {
    const manifests = read(readFixture(JAVA, skip))
    expect(
      manifests.map(({ content, sequenceNumber, addedRowsCount }) => [content, sequenceNumber, addedRowsCount]),
    ).toEqual([
      ['data', 3, 1],
      ['data', 1, 21],
      ['deletes', 3, 1],
      ['deletes', 2, 6],
    ])
    expect(manifests[1]).toMatchObject({ addedSnapshotId: '4951213507629824583', manifestLengthBytes: 7349 })
  })

  test('has partition summaries (Spark)', ({ skip }) => {
    expect(read(readFixture(SPARK, skip))).toMatchObject([
      {
        addedFilesCount: 3,
        partitions: [
          { containsNull: false, lowerBound: Uint8Array.of(0, 0, 0, 0), upperBound: Uint8Array.of(3, 0, 0, 0) },
          {
            containsNull: true,
            lowerBound: Uint8Array.of(0x31, 0x4a, 0, 0),
            upperBound: Uint8Array.of(0x32, 0x4a, 0, 0),
          },
        ],
      },
    ])
  })
})

function readFixture(path: string, skip: (note: string) => never): Uint8Array {
  return readFileSync(findFixture(path) ?? skip(`${path} is not here`))
}
