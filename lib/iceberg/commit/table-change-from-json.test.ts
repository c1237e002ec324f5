import { describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { tableChangeFromJson } from './table-change-from-json'
import { tableChangeToJson } from './table-change-json'
import type { TableChange } from './table-update'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { JsonObject } from '../json/json'

const [first] = SAMPLE_SNAPSHOT_IDS
const { schemas, partitionSpecs } = sampleMetadata()

const FULL_CHANGE: TableChange = {
  requirements: [
    { type: 'assert-create' },
    { type: 'assert-table-uuid', uuid: 'u' },
    { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: first },
    { type: 'assert-ref-snapshot-id', ref: 'new', snapshotId: null },
    { type: 'assert-last-assigned-field-id', lastAssignedFieldId: 1 },
    { type: 'assert-current-schema-id', currentSchemaId: 2 },
    { type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: 3 },
    { type: 'assert-default-spec-id', defaultSpecId: 4 },
    { type: 'assert-default-sort-order-id', defaultSortOrderId: 5 },
  ],
  updates: [
    { action: 'assign-uuid', uuid: 'u' },
    { action: 'upgrade-format-version', formatVersion: 3 },
    ...schemas.map((schema) => ({ action: 'add-schema' as const, schema })),
    { action: 'set-current-schema', schemaId: -1 },
    ...partitionSpecs.map((spec) => ({ action: 'add-spec' as const, spec })),
    { action: 'set-default-spec', specId: -1 },
    {
      action: 'add-sort-order',
      sortOrder: {
        orderId: 1,
        fields: [{ sourceId: 1, transform: 'day', direction: 'desc', nullOrder: 'nulls-last' }],
      },
    },
    { action: 'set-default-sort-order', sortOrderId: 1 },
    { action: 'add-snapshot', snapshot: sampleSnapshot(1, { unknownFields: { future: 9_007_199_254_740_993n } }) },
    {
      action: 'add-snapshot',
      snapshot: sampleSnapshot(2, { firstRowId: '9158179788527662767', addedRows: '3', keyId: 'k' }),
    },
    { action: 'set-snapshot-ref', refName: 'close', type: 'tag', snapshotId: first, maxRefAgeMs: 5 },
    {
      action: 'set-snapshot-ref',
      refName: 'main',
      type: 'branch',
      snapshotId: first,
      minSnapshotsToKeep: 2,
      maxSnapshotAgeMs: 7,
      unknownFields: { future: 1 },
    },
    { action: 'remove-snapshots', snapshotIds: [first, '5'] },
    { action: 'remove-snapshot-ref', refName: 'close' },
    { action: 'set-location', location: 'file:///x' },
    { action: 'set-properties', updates: { owner: 'ada' } },
    { action: 'remove-properties', removals: ['owner'] },
    {
      action: 'set-statistics',
      statistics: {
        'snapshot-id': BigInt(first),
        'statistics-path': 'file:///s.puffin',
        'file-size-in-bytes': 9,
        'file-footer-size-in-bytes': 4,
        'blob-metadata': [{ type: 'x', 'snapshot-id': BigInt(first), 'sequence-number': 1, fields: [1] }],
        future: true,
      },
    },
    { action: 'remove-statistics', snapshotId: first },
    {
      action: 'set-partition-statistics',
      partitionStatistics: {
        'snapshot-id': BigInt(first),
        'statistics-path': 'file:///p.parquet',
        'file-size-in-bytes': 9,
      },
    },
    { action: 'remove-partition-statistics', snapshotId: first },
    { action: 'remove-partition-specs', specIds: [1, 2] },
    { action: 'remove-schemas', schemaIds: [0] },
    { action: 'add-encryption-key', encryptionKey: { 'key-id': 'k', 'encrypted-key-metadata': 'aWNl' } },
    { action: 'remove-encryption-key', keyId: 'k' },
  ],
}

it('reads back every update and requirement as sent', () => {
  const sent = parseExactJson(stringifyExactJson(tableChangeToJson(FULL_CHANGE, null)))
  expect(tableChangeFromJson(sent)).toEqual(FULL_CHANGE)
})

it('reads a commit without updates or requirements as empty', () => {
  expect(tableChangeFromJson({ identifier: { namespace: ['a'], name: 't' } })).toEqual({
    requirements: [],
    updates: [],
  })
})

describe('input of clients that deviates from the specification', () => {
  const update = (json: JsonObject) => tableChangeFromJson({ updates: [json] }).updates[0]
  it.each([
    [
      { action: 'Set-Properties', updated: { a: 'b' } },
      { action: 'set-properties', updates: { a: 'b' } },
    ],
    [
      { action: 'set-properties', updated: { a: 'old' }, updates: { a: 'b' } },
      { action: 'set-properties', updates: { a: 'b' } },
    ],
    [
      { action: 'remove-properties', removed: ['a'] },
      { action: 'remove-properties', removals: ['a'] },
    ],
    [
      { action: 'add-spec', spec: { fields: [{ 'source-id': 1, name: 'x', transform: 'identity' }] } },
      {
        action: 'add-spec',
        spec: { specId: 0, fields: [{ sourceId: 1, fieldId: 0, name: 'x', transform: 'identity' }] },
      },
    ],
    [
      { action: 'add-sort-order', 'sort-order': { fields: [] } },
      { action: 'add-sort-order', sortOrder: { orderId: 0, fields: [] } },
    ],
    [
      { action: 'add-schema', 'last-column-id': 7, schema: { type: 'struct', fields: [] } },
      { action: 'add-schema', schema: { schemaId: 0, identifierFieldIds: [], fields: [] } },
    ],
    [
      { action: 'set-snapshot-ref', 'ref-name': 'b', type: 'BRANCH', 'snapshot-id': 5, 'max-ref-age-ms': null },
      { action: 'set-snapshot-ref', refName: 'b', type: 'branch', snapshotId: '5' },
    ],
  ] as [JsonObject, JsonObject][])('is accepted: %o', (json, expected) => {
    expect(update(json)).toEqual(expected)
  })
  it('may leave out the snapshot of a ref that must not exist, or send null', () => {
    const { requirements } = tableChangeFromJson({
      requirements: [
        { type: 'assert-ref-snapshot-id', ref: 'a', 'snapshot-id': null },
        { type: 'ASSERT-REF-SNAPSHOT-ID', ref: 'a' },
      ],
    })
    const absent = { type: 'assert-ref-snapshot-id', ref: 'a', snapshotId: null }
    expect(requirements).toEqual([absent, absent])
  })
})

describe('an invalid request', () => {
  it.each([
    ['[]', 'The document should be an object'],
    ['{"updates": {}}', 'updates should be a list'],
    ['{"updates": [7]}', 'updates[0] should be an object'],
    ['{"updates": [{}]}', 'updates[0].action'],
    ['{"updates": [{"action": "drop-everything"}]}', 'Unknown update of a table: drop-everything'],
    ['{"updates": [{"action": "add-view-version"}]}', 'Unknown update of a table'],
    ['{"requirements": [{"type": "assert-weather"}]}', 'Unknown requirement of a table: assert-weather'],
    ['{"requirements": [{"type": "assert-view-uuid", "uuid": "u"}]}', 'Unknown requirement of a table'],
    ['{"requirements": [{"type": "assert-current-schema-id", "current-schema-id": "1"}]}', 'current-schema-id'],
    ['{"updates": [{"action": "set-properties"}]}', 'updates[0].updates'],
    ['{"updates": [{"action": "set-properties", "updates": {"a": 1}}]}', 'updates[0].updates.a'],
    ['{"updates": [{"action": "remove-snapshots"}]}', 'updates[0].snapshot-ids'],
    ['{"updates": [{"action": "remove-snapshots", "snapshot-ids": [1.5]}]}', 'snapshot-ids[0]'],
    ['{"updates": [{"action": "remove-snapshots", "snapshot-ids": [9223372036854775808]}]}', '64-bit'],
    ['{"updates": [{"action": "remove-schemas"}]}', 'schema-ids'],
    ['{"updates": [{"action": "remove-partition-specs"}]}', 'spec-ids'],
    ['{"updates": [{"action": "add-spec", "spec": {"spec-id": 1}}]}', 'updates[0].spec.fields'],
    ['{"updates": [{"action": "add-sort-order", "sort-order": {"order-id": 1}}]}', 'updates[0].sort-order.fields'],
    ['{"updates": [{"action": "add-schema", "schema": {"type": "struct", "fields": [{"id": 1}]}}]}', 'fields[0].name'],
    ['{"updates": [{"action": "set-statistics", "statistics": {"snapshot-id": 1}}]}', 'statistics-path'],
    [
      '{"updates": [{"action": "set-statistics", "statistics": {"snapshot-id": 1, "statistics-path": "p", "file-size-in-bytes": 1, "file-footer-size-in-bytes": 1, "blob-metadata": [{}]}}]}',
      'blob-metadata[0].type',
    ],
    ['{"updates": [{"action": "add-encryption-key", "encryption-key": {"key-id": "k"}}]}', 'encrypted-key-metadata'],
    ['{"updates": [{"action": "set-snapshot-ref", "ref-name": "x", "snapshot-id": 1, "type": "fork"}]}', 'fork'],
  ])('is refused: %s', (text, message) => {
    const error = catchAppError(() => tableChangeFromJson(parseExactJson(text)))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })
})
