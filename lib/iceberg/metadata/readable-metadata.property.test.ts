import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { applyUpdates } from '../commit/apply-updates'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { readTableMetadata, writeTableMetadata } from './metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { tableChangeFromJson } from '../commit/table-change-from-json'
import type { TableMetadata } from './table-metadata'
import type { Json, JsonObject } from '../json/json'

/** The table can be read after any commit of a client, including numbers at and beyond the limits of their types. */

const MAX_INT = 2 ** 31 - 1
const MAX_LONG = 2n ** 63n - 1n

const EDGES = [-MAX_INT - 1, -1, -0, 0, 1, 1.5, 7, 1000, 1001, 1005, MAX_INT - 1, MAX_INT, MAX_INT + 1, 2 ** 53 - 1]
const LONG_EDGES = [-MAX_LONG - 1n, 2n ** 53n, MAX_LONG - 1n, MAX_LONG, MAX_LONG + 1n, 10n ** 400n]
const integer = fc.constantFrom<Json[]>(null, ...EDGES, ...LONG_EDGES)
const small = fc.constantFrom<Json>(0, 1, 2, 3)
const id = fc.oneof({ weight: 1, arbitrary: small }, { weight: 1, arbitrary: integer })
const chosenId = fc.constantFrom<Json>(-1, 0, 1)
const snapshotId = fc.oneof(fc.constantFrom<Json>(-1, 5, 6, MAX_LONG), integer)

const field = fc.record<JsonObject>({
  id,
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  required: fc.boolean(),
  type: fc.constantFrom('int', 'long', 'date', 'double', 'decimal(9, 2)', 'unknown', 'timestamp_ns'),
  'write-default': fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: integer }),
})
const partitionField = fc.record<JsonObject>({
  'source-id': fc.constantFrom<Json>(1, 2, 3),
  'field-id': id,
  name: fc.constantFrom('p', 'q', 'r'),
  transform: fc.constantFrom('void', 'identity', 'bucket[4]', 'bucket[2147483647]', 'bucket[2147483648]'),
})
const snapshot = fc.record<JsonObject>({
  'snapshot-id': snapshotId,
  'parent-snapshot-id': fc.oneof(fc.constant(null), snapshotId),
  'sequence-number': fc.oneof(fc.constantFrom<Json>(5, 6, 7, 8), integer),
  'timestamp-ms': fc.oneof(fc.constant<Json>(1_700_000_000_000), integer),
  'manifest-list': fc.constant('file:///lake/demo/flights/metadata/snap.avro'),
  summary: fc.constant({ operation: 'append' }),
  'schema-id': fc.constantFrom<Json>(null, 0, 1),
  'first-row-id': id,
  'added-rows': id,
})

const updates = fc.oneof<fc.Arbitrary<JsonObject[]>[]>(
  fc.array(field, { maxLength: 3 }).chain((fields) =>
    id.map((schemaId): JsonObject[] => [
      { action: 'add-schema', schema: { type: 'struct', 'schema-id': schemaId, fields: [...BASE_FIELDS, ...fields] } },
      { action: 'set-current-schema', 'schema-id': -1 },
    ]),
  ),
  fc.record({ 'spec-id': id, fields: fc.array(partitionField, { maxLength: 2 }) }).map((spec): JsonObject[] => [
    { action: 'add-spec', spec },
    { action: 'set-default-spec', 'spec-id': -1 },
  ]),
  fc.tuple(id, chosenId).map(([orderId, sourceId]): JsonObject[] => [
    {
      action: 'add-sort-order',
      'sort-order': {
        'order-id': orderId,
        fields: [{ 'source-id': sourceId, transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
      },
    },
    { action: 'set-default-sort-order', 'sort-order-id': -1 },
  ]),
  snapshot.map((item): JsonObject[] => [
    { action: 'add-snapshot', snapshot: item },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': item['snapshot-id'] ?? null },
  ]),
  fc
    .record({ 'snapshot-id': snapshotId, 'max-ref-age-ms': integer })
    .map((ref): JsonObject[] => [{ action: 'set-snapshot-ref', 'ref-name': 'tag', type: 'tag', ...ref }]),
  snapshotId.map((item): JsonObject[] => [{ action: 'remove-snapshots', 'snapshot-ids': [item] }]),
  fc.tuple(snapshotId, integer).map(([item, size]): JsonObject[] => [
    {
      action: 'set-partition-statistics',
      'partition-statistics': { 'snapshot-id': item, 'statistics-path': 'file:///x', 'file-size-in-bytes': size },
    },
  ]),
  chosenId.map((item): JsonObject[] => [{ action: 'set-default-spec', 'spec-id': item }]),
  fc
    .constantFrom(2, 3)
    .map((version): JsonObject[] => [{ action: 'upgrade-format-version', 'format-version': version }]),
)
const history = fc.array(updates, { maxLength: 12 })

const BASE_FIELDS = [
  { id: 1, name: 'date', required: false, type: 'timestamp' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  { id: 3, name: 'route', required: false, type: 'string' },
]

it.each([1, 2, 3] as const)('every commit leaves a readable table, created in format v%i', (formatVersion) => {
  const runs = propertyRuns(150)
  let [changeCount, refusedCount] = [0, 0]
  fc.assert(
    fc.property(history, (commits) => {
      let table = startMetadata(formatVersion)
      for (const commit of commits) {
        const after = tryCommit(table, { updates: commit })
        if (after === table) refusedCount += 1
        else changeCount += 1
        table = after
        const text = writeTableMetadata(table)
        expect(writeTableMetadata(readTableMetadata(text))).toBe(text)
      }
    }),
    runs,
  )
  expect(Math.min(changeCount, refusedCount)).toBeGreaterThan(runs.numRuns / 3)
})

/** Returns the table unchanged if the commit is refused. */
function tryCommit(table: TableMetadata, change: Json): TableMetadata {
  try {
    const { updates: read } = tableChangeFromJson(parseExactJson(stringifyExactJson(change)))
    return applyUpdates(table, read, { nowMs: table.lastUpdatedMs })
  } catch (error) {
    if (error instanceof AppError && (error.code === 'invalid-request' || error.code === 'commit-conflict'))
      return table
    throw error
  }
}

function startMetadata(formatVersion: 1 | 2 | 3): TableMetadata {
  if (formatVersion === 2) return sampleMetadata()
  const snapshots = sampleMetadata().snapshots.map((item) => ({ ...item, sequenceNumber: 0 }))
  if (formatVersion === 1) return sampleMetadata({ formatVersion, snapshots, lastSequenceNumber: 0 })
  return sampleMetadata({ formatVersion, nextRowId: '0' })
}
