import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { applyUpdates } from '../commit/apply-updates'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { readTableMetadata, tableMetadataFromJson, tableMetadataToJson, writeTableMetadata } from './metadata-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { tableChangeFromJson } from '../commit/table-change-from-json'
import { tableChangeToJson } from '../commit/table-change-json'
import type { TableMetadata } from './table-metadata'
import type { TableChange, TableUpdate } from '../commit/table-update'
import type { Json, JsonObject } from '../json/json'

const python = installPyiceberg()
const [first, second, , tip] = SAMPLE_SNAPSHOT_IDS
const TABLE = sampleMetadata()
const nowMs = TABLE.lastUpdatedMs + 60_000

const UPDATES: TableUpdate[] = [
  {
    action: 'add-schema',
    schema: {
      schemaId: 2,
      identifierFieldIds: [1],
      fields: [
        { id: 1, name: 'date', required: true, type: 'timestamp' },
        { id: 2, name: 'origin', required: false, type: 'string' },
        { id: 4, name: 'seats', required: false, type: 'int', doc: 'sold' },
      ],
    },
  },
  { action: 'set-current-schema', schemaId: -1 },
  {
    action: 'add-spec',
    spec: {
      specId: 1,
      fields: [
        { sourceId: 1, fieldId: 1000, name: 'date_month', transform: 'month' },
        { sourceId: 2, fieldId: 1001, name: 'origin_bucket', transform: 'bucket[16]' },
      ],
    },
  },
  { action: 'set-default-spec', specId: -1 },
  {
    action: 'add-sort-order',
    sortOrder: {
      orderId: 1,
      fields: [{ sourceId: 2, transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' }],
    },
  },
  { action: 'set-default-sort-order', sortOrderId: -1 },
  {
    action: 'add-snapshot',
    snapshot: sampleSnapshot(3, {
      snapshotId: '9223372036854775807',
      parentSnapshotId: tip,
      sequenceNumber: 5,
      timestampMs: nowMs,
      schemaId: 2,
    }),
  },
  { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: '9223372036854775807' },
  { action: 'set-snapshot-ref', refName: 'close', type: 'tag', snapshotId: second, maxRefAgeMs: 5_000 },
  { action: 'remove-snapshot-ref', refName: 'audit' },
  { action: 'remove-snapshots', snapshotIds: [first] },
  { action: 'set-properties', updates: { owner: 'grace', 'write.format.default': 'parquet' } },
  { action: 'remove-properties', removals: ['write.parquet.compression-codec'] },
  { action: 'set-location', location: 'file:///lake/demo/moved' },
  {
    action: 'set-statistics',
    statistics: {
      'snapshot-id': BigInt(second),
      'statistics-path': 'file:///s.puffin',
      'file-size-in-bytes': 9,
      'file-footer-size-in-bytes': 4,
      'blob-metadata': [
        { type: 'apache-datasketches-theta-v1', 'snapshot-id': BigInt(second), 'sequence-number': 2, fields: [1] },
      ],
    },
  },
]

const snapshot = (snapshotId: string, sequenceNumber: number, change = {}): TableUpdate => ({
  action: 'add-snapshot',
  snapshot: sampleSnapshot(3, { snapshotId, parentSnapshotId: tip, sequenceNumber, timestampMs: nowMs, ...change }),
})
const branch = (refName: string, snapshotId: string): TableUpdate => ({
  action: 'set-snapshot-ref',
  refName,
  type: 'branch',
  snapshotId,
})

/**
 * Each commit is applied to the sample; the time of a change is ignored. PyIceberg cannot upgrade to v3, adds an equal
 * schema again, logs snapshots that were `main` only within the commit, and keeps partition statistics of removed
 * snapshots. In these cases Lakeshore follows Java.
 */
const COMMITS: [string, TableUpdate[]][] = [
  ['of many kinds', UPDATES],
  ['a snapshot on another branch, and one on none', [snapshot('7', 5), branch('audit', '7'), snapshot('8', 6)]],
  ['a branch that becomes a tag', [{ action: 'set-snapshot-ref', refName: 'audit', type: 'tag', snapshotId: tip }]],
  ['an earlier schema', [{ action: 'set-current-schema', schemaId: 0 }]],
  [
    'a removed spec, and a new one that begins with the same field',
    [
      {
        action: 'add-spec',
        spec: { specId: 1, fields: [{ sourceId: 1, fieldId: 1001, name: 'date_day', transform: 'day' }] },
      },
      { action: 'set-default-spec', specId: -1 },
      { action: 'remove-partition-specs', specIds: [0] },
    ],
  ],
  [
    'removed snapshots, and what refers to them',
    [
      { action: 'remove-snapshot-ref', refName: 'q1-close' },
      { action: 'remove-snapshots', snapshotIds: [first, second] },
    ],
  ],
  [
    'partition statistics',
    [
      {
        action: 'set-partition-statistics',
        partitionStatistics: { 'snapshot-id': BigInt(second), 'statistics-path': 'file:///p', 'file-size-in-bytes': 3 },
      },
    ],
  ],
]

describe.skipIf(python === null)('Metadata (skipped without PyIceberg)', () => {
  test.each([
    ['v1', sampleMetadata({ formatVersion: 1, lastSequenceNumber: 0, snapshots: TABLE.snapshots.map(toV1Snapshot) })],
    ['v2', TABLE],
    ['v2, empty', sampleMetadata({ currentSnapshotId: null, snapshots: [], snapshotLog: [], refs: {} })],
    ['v3', v3Metadata()],
  ])('written by Lakeshore is read by PyIceberg, which writes the same table: %s', (_name, table) => {
    const theirs = runPython(
      `
from pydantic import BaseModel
from pyiceberg.table.metadata import TableMetadataUtil
# Its own writer refuses v3; this is what it does for the others.
print(BaseModel.model_dump_json(TableMetadataUtil.parse_raw(given), by_alias=True, exclude_none=True))`,
      writeTableMetadata(table),
    )
    expect(readTableMetadata(stringifyExactJson(theirs))).toEqual(table)
  })

  test.each(COMMITS)('is changed by a commit as by PyIceberg: %s', (_name, updates) => {
    const theirs = runPython(
      `
import json
from pydantic import TypeAdapter
from pyiceberg.table.metadata import TableMetadataUtil
from pyiceberg.table.update import TableUpdate, update_table_metadata
base, change = json.loads(given)
updates = [TypeAdapter(TableUpdate).validate_python(one) for one in change['updates']]
print(update_table_metadata(TableMetadataUtil.parse_obj(base), updates).model_dump_json())`,
      stringifyExactJson([tableMetadataToJson(TABLE), tableChangeToJson({ requirements: [], updates }, TABLE)]),
    )
    const ours = applyUpdates(TABLE, updates, { nowMs })
    expect(ours).not.toBe(TABLE)
    expect(withoutTimestamps(tableMetadataFromJson(theirs))).toEqual(withoutTimestamps(withoutMissingParents(ours)))
  })

  test('can be changed by commits that PyIceberg sends', () => {
    const change: TableChange = {
      requirements: [
        { type: 'assert-table-uuid', uuid: TABLE.tableUuid },
        { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: tip },
        { type: 'assert-ref-snapshot-id', ref: 'close', snapshotId: null },
        { type: 'assert-last-assigned-field-id', lastAssignedFieldId: 3 },
        { type: 'assert-current-schema-id', currentSchemaId: 1 },
        { type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: 1000 },
        { type: 'assert-default-spec-id', defaultSpecId: 0 },
        { type: 'assert-default-sort-order-id', defaultSortOrderId: 0 },
      ],
      updates: UPDATES,
    }
    const theirs = runPython(
      `
from pyiceberg.catalog.rest import CommitTableRequest
print(CommitTableRequest.model_validate_json(given).model_dump_json(by_alias=True))`,
      stringifyExactJson({
        identifier: { namespace: ['demo'], name: 'flights' },
        ...tableChangeToJson(change, TABLE),
      }),
    )
    expect(tableChangeFromJson(theirs)).toEqual(change)
  })
})

function runPython(code: string, input: string): JsonObject {
  if (python === null) throw new Error('there is no PyIceberg')
  const script = `import sys\ngiven = sys.stdin.read()\n${code}`
  return parseExactJson(execFileSync(python, ['-c', script], { input, encoding: 'utf8' })) as JsonObject
}

/** The two programs write different timestamps. */
function withoutTimestamps(table: TableMetadata): Json {
  const { 'last-updated-ms': _, ...rest } = tableMetadataToJson({ ...table, metadataLog: [] })
  return rest
}

/**
 * PyIceberg drops references to removed parents; Java and Lakeshore keep the parent that the snapshot was written with.
 */
function withoutMissingParents(table: TableMetadata): TableMetadata {
  const known = new Set(table.snapshots.map(({ snapshotId }) => snapshotId))
  const isKnown = (snapshotId: string | null) => snapshotId !== null && known.has(snapshotId)
  const snapshots = table.snapshots.map((item) =>
    isKnown(item.parentSnapshotId) ? item : { ...item, parentSnapshotId: null },
  )
  return { ...table, snapshots }
}

function toV1Snapshot(snapshot: TableMetadata['snapshots'][number]) {
  return { ...snapshot, sequenceNumber: 0 }
}

function v3Metadata(): TableMetadata {
  const snapshots = TABLE.snapshots.map((item, index) => ({ ...item, firstRowId: String(index * 10), addedRows: '10' }))
  return sampleMetadata({ formatVersion: 3, nextRowId: '40', snapshots })
}
