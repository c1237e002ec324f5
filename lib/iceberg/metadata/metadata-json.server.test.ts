import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFixture } from '@/testing/find-fixture'
import { parseExactJson } from '../json/exact-json'
import { readTableMetadata, withoutTrailingSlash, writeTableMetadata } from './metadata-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { JsonObject } from '../json/json'

/** As an early writer wrote it: no lists of schemas, specs or orders, no uuid, no refs. */
const V1 = `{
  "format-version": 1, "location": "s3://bucket/test/location/", "last-updated-ms": 1602638573874, "last-column-id": 3,
  "schema": {"type": "struct", "fields": [
    {"id": 1, "name": "x", "required": true, "type": "long"},
    {"id": 2, "name": "y", "required": true, "type": "long", "doc": "comment"},
    {"id": 3, "name": "z", "required": true, "type": "long"}]},
  "partition-spec": [
    {"name": "x", "transform": "identity", "source-id": 1},
    {"name": "y_bucket", "transform": "bucket[4]", "source-id": 2}],
  "properties": {"owner": "ada"},
  "current-snapshot-id": 3055729675574597004,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "manifests": ["s3://b/m1.avro"], "summary": {"operation": "append"}},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004, "timestamp-ms": 1555100955770, "manifest-list": "s3://b/s2.avro"}]
}`

/** As the reference implementation writes it, with unknown fields at every level. */
const V2 = `{
  "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": "s3://bucket/test/location",
  "last-sequence-number": 34, "last-updated-ms": 1602638573590, "last-column-id": 3, "current-schema-id": 1,
  "schemas": [
    {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "x", "required": true, "type": "long"}]},
    {"type": "struct", "schema-id": 1, "identifier-field-ids": [1], "fields": [
      {"id": 1, "name": "x", "required": true, "type": "long", "future": 9007199254740993}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "future": [1], "fields": [
    {"name": "x", "transform": "identity", "source-id": 1, "field-id": 1000, "future": {}},
    {"name": "xy", "transform": "pair", "source-ids": [1, 2], "field-id": 1001}]}],
  "last-partition-id": 1001, "default-sort-order-id": 3,
  "sort-orders": [{"order-id": 3, "future": 1, "fields": [
    {"transform": "identity", "source-id": 1, "direction": "asc", "null-order": "nulls-first", "future": true},
    {"transform": "bucket[4]", "source-id": 1, "direction": "desc", "null-order": "nulls-last"}]}],
  "properties": {"__proto__": "x", "read.split.target.size": "134217728"},
  "current-snapshot-id": 3055729675574597004,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0, "summary": {"operation": "append"}, "manifest-list": "s3://a/b/1.avro"},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004, "timestamp-ms": 1555100955770, "sequence-number": 1,
     "summary": {"operation": "append"}, "manifest-list": "s3://a/b/2.avro", "schema-id": 1, "key-id": "k", "first-row-id": 9158179788527662767}],
  "snapshot-log": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770},
    {"snapshot-id": 3055729675574597004, "timestamp-ms": 1555100955770, "future": null}],
  "metadata-log": [{"metadata-file": "s3://bucket/.../v1.json", "timestamp-ms": 1515100, "future": 1}],
  "refs": {
    "main": {"snapshot-id": 3055729675574597004, "type": "branch", "min-snapshots-to-keep": 2, "max-snapshot-age-ms": 10000000, "future": 1},
    "test": {"snapshot-id": 3051729675574597004, "type": "tag", "max-ref-age-ms": 10000000}},
  "statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "s3://a/b/stats.puffin", "file-size-in-bytes": 413, "file-footer-size-in-bytes": 42, "blob-metadata": []}],
  "partition-statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "s3://a/b/p.parquet", "file-size-in-bytes": 43}],
  "encryption-keys": [{"key-id": "5f819b", "key-metadata": "aWNlYmVyZwo="}], "big": 9158179788527662767
}`

describe('v2 metadata', () => {
  it('has its 64-bit ids as text', () => {
    const metadata = readTableMetadata(V2)
    expect(metadata).toMatchObject({
      formatVersion: 2,
      tableUuid: '9c12d441-03fe-4693-9a96-a0705ddf69c1',
      lastSequenceNumber: 34,
      currentSnapshotId: '3055729675574597004',
      refs: {
        main: { snapshotId: '3055729675574597004', minSnapshotsToKeep: 2, maxSnapshotAgeMs: 10_000_000 },
        test: { type: 'tag', maxRefAgeMs: 10_000_000 },
      },
      nextRowId: null,
    })
    expect(
      metadata.snapshots.map(({ snapshotId, parentSnapshotId, schemaId }) => [snapshotId, parentSnapshotId, schemaId]),
    ).toEqual([
      ['3051729675574597004', null, null],
      ['3055729675574597004', '3051729675574597004', 1],
    ])
  })
  it('is written back unchanged, including unknown fields', () => {
    expect(parseExactJson(writeTableMetadata(readTableMetadata(V2)))).toEqual(parseExactJson(V2))
  })
  it('of a table without a snapshot has null in memory and -1 in the file', () => {
    const empty = sampleMetadata({ currentSnapshotId: null, snapshots: [], snapshotLog: [], refs: {} })
    const text = writeTableMetadata(empty)
    expect(text).toContain('"current-snapshot-id":-1')
    expect(readTableMetadata(text)).toEqual(empty)
    expect(readTableMetadata(text.replace('"current-snapshot-id":-1', '"current-snapshot-id":null'))).toEqual(empty)
  })
})

describe('v1 metadata', () => {
  it('gets the defaults of the specification', () => {
    const metadata = readTableMetadata(V1)
    expect(metadata).toMatchObject({
      formatVersion: 1,
      location: 's3://bucket/test/location',
      lastSequenceNumber: 0,
      currentSchemaId: 0,
      partitionSpecs: [
        {
          specId: 0,
          fields: [
            { sourceId: 1, fieldId: 1000, name: 'x', transform: 'identity' },
            { sourceId: 2, fieldId: 1001, name: 'y_bucket', transform: 'bucket[4]' },
          ],
        },
      ],
      defaultSpecId: 0,
      lastPartitionId: 1001,
      sortOrders: [{ orderId: 0, fields: [] }],
      defaultSortOrderId: 0,
      currentSnapshotId: '3055729675574597004',
      refs: { main: { snapshotId: '3055729675574597004', type: 'branch' } },
    })
    expect(metadata.schemas).toHaveLength(1)
    expect(metadata.snapshots[0]).toMatchObject({
      sequenceNumber: 0,
      manifestList: null,
      manifests: ['s3://b/m1.avro'],
    })
    expect(metadata.snapshots[1]).toMatchObject({ sequenceNumber: 0, manifestList: 's3://b/s2.avro', summary: {} })
  })
  it('without a uuid gets one that is derived from its location', () => {
    const { tableUuid } = readTableMetadata(V1)
    expect(tableUuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(readTableMetadata(V1).tableUuid).toBe(tableUuid)
    expect(readTableMetadata(V1.replace('test/location', 'other')).tableUuid).not.toBe(tableUuid)
  })
  it('is written so that v1 readers find schema and spec', () => {
    const metadata = readTableMetadata(V1)
    const written = writeTableMetadata(metadata)
    expect(readTableMetadata(written)).toEqual(metadata)
    const file = parseExactJson(written) as JsonObject
    expect(file['schema']).toMatchObject({ fields: [{ name: 'x' }, { name: 'y' }, { name: 'z' }] })
    expect(file['partition-spec']).toMatchObject([{ name: 'x' }, { name: 'y_bucket' }])
    expect(written).not.toContain('sequence-number')
  })
  it('is written with the current schema and the default spec outside the lists, whatever their ids', () => {
    const [schema, spec] = [
      { schemaId: 3, identifierFieldIds: [], fields: [] },
      { specId: 5, fields: [] },
    ]
    const before = readTableMetadata(V1)
    const metadata = {
      ...before,
      schemas: [...before.schemas, schema],
      currentSchemaId: 3,
      partitionSpecs: [...before.partitionSpecs, spec],
      defaultSpecId: 5,
    }
    const file = parseExactJson(writeTableMetadata(metadata)) as JsonObject
    expect(file['schema']).toMatchObject({ 'schema-id': 3, fields: [] })
    expect(file['partition-spec']).toEqual([])
  })
  it('without partition fields continues with the first partition id', () => {
    const unpartitioned = V1.replace(/"partition-spec": \[[^]*?\}\],/, '"partition-spec": [],')
    expect(readTableMetadata(unpartitioned).lastPartitionId).toBe(999)
  })
})

describe('v3 metadata', () => {
  const v3 = V2.replace('"format-version": 2', '"format-version": 3, "next-row-id": 9007199254740993')
  it('is read and written back unchanged', () => {
    expect(readTableMetadata(v3)).toMatchObject({ formatVersion: 3, nextRowId: '9007199254740993' })
    expect(parseExactJson(writeTableMetadata(readTableMetadata(v3)))).toEqual(parseExactJson(v3))
  })
  it('without a snapshot has no current snapshot id', () => {
    const empty = sampleMetadata({
      formatVersion: 3,
      nextRowId: '0',
      currentSnapshotId: null,
      snapshots: [],
      snapshotLog: [],
      refs: {},
    })
    expect(writeTableMetadata(empty)).not.toContain('current-snapshot-id')
  })
})

describe('metadata with columns of an unknown type', () => {
  const unknownLayout = V2.replace(
    '"name": "x", "required": true, "type": "long", "future"',
    '"name": "x", "required": true, "type": "interval(month)", "future"',
  )
  it('is read and written back unchanged', () => {
    expect(unknownLayout).not.toBe(V2)
    const metadata = readTableMetadata(unknownLayout)
    expect(metadata.schemas[1]?.fields[0]?.type).toBe('interval(month)')
    expect(parseExactJson(writeTableMetadata(metadata))).toEqual(parseExactJson(unknownLayout))
  })
  it('keeps the writer’s spelling of geometry and geography', () => {
    for (const type of ['geometry', 'geometry(srid:4326)', 'geography(OGC:CRS84, karney)']) {
      expect(readTableMetadata(unknownLayout.replace('interval(month)', type)).schemas[1]?.fields[0]?.type).toBe(type)
    }
  })
})

describe('damaged metadata', () => {
  it.each([
    ['"format-version": 2', '"format-version": 5', 'not-supported', 'format version 5'],
    ['"table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1",', '', 'file-damaged', 'table-uuid'],
    [
      '"last-sequence-number": 34',
      '"last-sequence-number": null',
      'file-damaged',
      'last-sequence-number should be an integer below 2^53 but is null',
    ],
    ['"last-sequence-number": 34', '"last-sequence-number": "34"', 'file-damaged', 'last-sequence-number'],
    ['"last-sequence-number": 34', '"last-sequence-number": 9007199254740993', 'file-damaged', 'last-sequence-number'],
    ['"current-schema-id": 1', '"current-schema-id": 7', 'file-damaged', 'current-schema-id'],
    ['"default-spec-id": 0', '"default-spec-id": 7', 'file-damaged', 'default-spec-id'],
    ['"default-sort-order-id": 3', '"default-sort-order-id": 7', 'file-damaged', 'default-sort-order-id'],
    ['"last-partition-id": 1001,', '', 'file-damaged', 'last-partition-id'],
    ['"current-snapshot-id": 3055729675574597004', '"current-snapshot-id": 12', 'file-damaged', 'current-snapshot-id'],
    [
      '"current-snapshot-id": 3055729675574597004',
      '"current-snapshot-id": 3051729675574597004',
      'file-damaged',
      'refs.main',
    ],
    [
      '"snapshot-id": 3051729675574597004, "type": "tag"',
      '"snapshot-id": 12, "type": "tag"',
      'file-damaged',
      'refs.test',
    ],
    ['"type": "tag"', '"type": "label"', 'file-damaged', 'refs.test.type'],
    [
      '"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0',
      '"snapshot-id": 3055729675574597004, "timestamp-ms": 1, "sequence-number": 0',
      'file-damaged',
      'twice',
    ],
    [
      '"snapshot-id": 3051729675574597004, "timestamp-ms"',
      '"snapshot-id": 1.5, "timestamp-ms"',
      'file-damaged',
      'snapshots[0].snapshot-id',
    ],
    [
      '"snapshot-id": 3051729675574597004, "timestamp-ms"',
      '"snapshot-id": 99999999999999999999, "timestamp-ms"',
      'file-damaged',
      'snapshots[0].snapshot-id',
    ],
    [
      '"summary": {"operation": "append"}',
      '"summary": {"operation": 1}',
      'file-damaged',
      'snapshots[0].summary.operation',
    ],
    ['"direction": "desc"', '"direction": "down"', 'file-damaged', 'sort-orders[0].fields[1].direction'],
    ['"source-ids": [1, 2]', '"source-ids": []', 'file-damaged', 'partition-specs[0].fields[1].source-id'],
    ['"properties": {', '"properties": {"x": 1,', 'file-damaged', 'properties.x'],
    ['"properties": {', '"properties": {"x": null,', 'file-damaged', 'properties.x should be a string but is null'],
    ['"refs": {', '"refs": [{', 'file-damaged', 'Not JSON'],
  ])('is refused, naming the field: %s → %s', (from, to, code, message) => {
    expect(V2).toContain(from)
    expect(() => readTableMetadata(V2.replace(from, to))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    )
  })
  it('cannot set a property on every object', () => {
    const { properties } = readTableMetadata(V2)
    expect(Object.hasOwn(properties, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

it('writes the same text again after reading it', () => {
  const metadata = sampleMetadata()
  expect(readTableMetadata(writeTableMetadata(metadata))).toEqual(metadata)
  expect(writeTableMetadata(metadata)).toContain(`"current-snapshot-id":${SAMPLE_SNAPSHOT_IDS[3]},`)
})

it.each([
  ['s3://bucket/a/', 's3://bucket/a'],
  ['s3://bucket/a', 's3://bucket/a'],
  ['file:///', 'file:///'],
  ['/lake/t//', '/lake/t'],
  ['/', '/'],
])('removes the trailing slash of %s', (location, stripped) => {
  expect(withoutTrailingSlash(location)).toBe(stripped)
})

const fixtures = ['java/bunnies', 'spark/bunnies', 'spark/rename_column', 'athena/example'].flatMap((table) => {
  const folder = findFixture(`iceberg/${table}/metadata`)
  const files = folder === null ? [] : readdirSync(folder).filter((file) => file.endsWith('.metadata.json'))
  return files.map((file) => ({ name: `${table}/${file}`, file: path.join(folder ?? '', file) }))
})

describe.skipIf(fixtures.length === 0)(
  'metadata that Java, Spark and Athena wrote (skipped without ../shared/fixtures)',
  () => {
    it.each(fixtures)('is read and written back unchanged: $name', ({ file }) => {
      const text = readFileSync(file, 'utf8')
      const metadata = readTableMetadata(text)
      const written = parseExactJson(writeTableMetadata(metadata)) as JsonObject
      // Fields that may be left out when empty.
      const original = {
        refs: {},
        statistics: [],
        'partition-statistics': [],
        'current-snapshot-id': -1,
        ...(parseExactJson(text) as JsonObject),
      }
      expect(written).toEqual(original)
      expect(metadata.snapshotLog.at(-1)?.snapshotId ?? null).toBe(metadata.currentSnapshotId)
    })
    it('has exact snapshot ids', () => {
      const file = findFixture('iceberg/java/bunnies/metadata/v5.metadata.json') ?? ''
      const { currentSnapshotId, snapshots } = readTableMetadata(readFileSync(file, 'utf8'))
      expect(currentSnapshotId).toBe('9158179788527662767')
      expect(snapshots.map((snapshot) => snapshot.snapshotId)).toEqual([
        '4951213507629824583',
        '6458828015811002920',
        '9158179788527662767',
      ])
    })
  },
)
