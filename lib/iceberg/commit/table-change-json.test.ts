import { expect, it } from 'vitest'
import { stringifyExactJson } from '../json/exact-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { tableChangeToJson } from './table-change-json'
import type { TableChange } from './table-update'

const { schemas, partitionSpecs } = sampleMetadata()
const [first] = SAMPLE_SNAPSHOT_IDS

it('writes every requirement as the REST specification does', () => {
  const change: TableChange = {
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
    updates: [],
  }
  expect(stringifyExactJson(tableChangeToJson(change, null))).toBe(
    '{"requirements":[{"type":"assert-create"},{"type":"assert-table-uuid","uuid":"u"},' +
      '{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":3051729675574597004},' +
      '{"type":"assert-ref-snapshot-id","ref":"new","snapshot-id":null},' +
      '{"type":"assert-last-assigned-field-id","last-assigned-field-id":1},' +
      '{"type":"assert-current-schema-id","current-schema-id":2},' +
      '{"type":"assert-last-assigned-partition-id","last-assigned-partition-id":3},' +
      '{"type":"assert-default-spec-id","default-spec-id":4},' +
      '{"type":"assert-default-sort-order-id","default-sort-order-id":5}],"updates":[]}',
  )
})

it('writes every update as the REST specification does', () => {
  const [schema] = schemas
  const [spec] = partitionSpecs
  if (schema === undefined || spec === undefined) throw new Error('the sample has a schema and a spec')
  const change: TableChange = {
    requirements: [],
    updates: [
      { action: 'assign-uuid', uuid: 'u' },
      { action: 'upgrade-format-version', formatVersion: 2 },
      { action: 'add-schema', schema },
      { action: 'set-current-schema', schemaId: -1 },
      { action: 'add-spec', spec },
      { action: 'set-default-spec', specId: -1 },
      {
        action: 'add-sort-order',
        sortOrder: {
          orderId: 1,
          fields: [{ sourceId: 1, transform: 'day', direction: 'desc', nullOrder: 'nulls-last' }],
        },
      },
      { action: 'set-default-sort-order', sortOrderId: 1 },
      { action: 'add-snapshot', snapshot: sampleSnapshot(1) },
      { action: 'set-snapshot-ref', refName: 'close', type: 'tag', snapshotId: first, maxRefAgeMs: 5 },
      { action: 'remove-snapshots', snapshotIds: [first] },
      { action: 'remove-snapshot-ref', refName: 'close' },
      { action: 'set-location', location: 'file:///x' },
      { action: 'set-properties', updates: { owner: 'ada' } },
      { action: 'remove-properties', removals: ['owner'] },
    ],
  }
  expect(tableChangeToJson(change, null)['updates']).toEqual([
    { action: 'assign-uuid', uuid: 'u' },
    { action: 'upgrade-format-version', 'format-version': 2 },
    {
      action: 'add-schema',
      schema: {
        type: 'struct',
        'schema-id': 0,
        fields: [
          { id: 1, name: 'date', required: false, type: 'timestamp' },
          { id: 2, name: 'origin', required: false, type: 'string' },
        ],
      },
      'last-column-id': 2,
    },
    { action: 'set-current-schema', 'schema-id': -1 },
    {
      action: 'add-spec',
      spec: { 'spec-id': 0, fields: [{ 'source-id': 1, 'field-id': 1000, name: 'date_month', transform: 'month' }] },
    },
    { action: 'set-default-spec', 'spec-id': -1 },
    {
      action: 'add-sort-order',
      'sort-order': {
        'order-id': 1,
        fields: [{ 'source-id': 1, transform: 'day', direction: 'desc', 'null-order': 'nulls-last' }],
      },
    },
    { action: 'set-default-sort-order', 'sort-order-id': 1 },
    {
      action: 'add-snapshot',
      snapshot: {
        'snapshot-id': 3055729675574597004n,
        'parent-snapshot-id': 3051729675574597004n,
        'sequence-number': 2,
        'timestamp-ms': 1_700_086_400_000,
        'manifest-list': 'file:///lake/demo/flights/metadata/snap-1.avro',
        summary: { operation: 'append', 'added-records': '10', 'total-records': '20' },
        'schema-id': 0,
      },
    },
    {
      action: 'set-snapshot-ref',
      'ref-name': 'close',
      'snapshot-id': 3051729675574597004n,
      type: 'tag',
      'max-ref-age-ms': 5,
    },
    { action: 'remove-snapshots', 'snapshot-ids': [3051729675574597004n] },
    { action: 'remove-snapshot-ref', 'ref-name': 'close' },
    { action: 'set-location', location: 'file:///x' },
    { action: 'set-properties', updates: { owner: 'ada' } },
    { action: 'remove-properties', removals: ['owner'] },
  ])
})

it('uses the table’s last column id when it is higher than the new schema’s', () => {
  const [schema] = schemas
  const change: TableChange = { requirements: [], updates: [{ action: 'add-schema', schema: schema! }] }
  const on = { ...sampleMetadata(), lastColumnId: 7 }
  expect(tableChangeToJson(change, on)['updates']).toMatchObject([{ action: 'add-schema', 'last-column-id': 7 }])
})
