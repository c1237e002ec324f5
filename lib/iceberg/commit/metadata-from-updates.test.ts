import { expect, it } from 'vitest'
import { metadataFromUpdates } from './metadata-from-updates'
import { readTableMetadata, writeTableMetadata } from '../metadata/metadata-json'
import { newTableMetadata } from './new-table-metadata'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import type { TableUpdate } from './table-update'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const nowMs = 1_700_000_000_000
const staged = newTableMetadata({
  schema: {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [
      { id: 1, name: 'date', required: true, type: 'timestamp' },
      { id: 2, name: 'origin', required: false, type: 'string' },
    ],
  },
  partitionSpec: { specId: 0, fields: [{ sourceId: 1, fieldId: 0, name: 'date_month', transform: 'month' }] },
  sortOrder: {
    orderId: 1,
    fields: [{ sourceId: 2, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
  },
  location: 's3://lake/demo/flights',
  properties: { owner: 'ada', 'format-version': '3' },
  tableUuid: 'eee3ca77-1713-442c-8c2f-ad98d8d36a9b',
  nowMs,
})

/** The updates that a client sends after it has received the staged metadata. */
function toUpdates(table: TableMetadata): TableUpdate[] {
  return [
    { action: 'assign-uuid', uuid: table.tableUuid },
    { action: 'upgrade-format-version', formatVersion: table.formatVersion },
    ...table.schemas.map((schema) => ({ action: 'add-schema' as const, schema })),
    { action: 'set-current-schema', schemaId: -1 },
    ...table.partitionSpecs.map((spec) => ({ action: 'add-spec' as const, spec })),
    { action: 'set-default-spec', specId: -1 },
    ...table.sortOrders.map((sortOrder) => ({ action: 'add-sort-order' as const, sortOrder })),
    { action: 'set-default-sort-order', sortOrderId: -1 },
    { action: 'set-location', location: table.location },
    { action: 'set-properties', updates: table.properties },
  ]
}

it('A commit creates a staged table as the client received it', () => {
  expect(metadataFromUpdates(toUpdates(staged), { nowMs })).toEqual(staged)
  const unsorted = newTableMetadata({
    schema: staged.schemas[0] ?? { schemaId: 0, identifierFieldIds: [], fields: [] },
    location: 'file:///t',
    tableUuid: 'u',
    nowMs,
  })
  expect(metadataFromUpdates(toUpdates(unsorted), { nowMs })).toEqual(unsorted)
})

it('A commit uses the format version that a property asks for, and drops the property', () => {
  const withProperties = (updates: Record<string, string>) =>
    toUpdates(staged).flatMap((update): TableUpdate[] => {
      if (update.action === 'upgrade-format-version') return []
      return [update.action === 'set-properties' ? { ...update, updates: { ...update.updates, ...updates } } : update]
    })
  const create = (updates: Record<string, string>) => metadataFromUpdates(withProperties(updates), { nowMs })
  expect(create({ 'format-version': '3' })).toEqual(staged)
  expect(create({}).formatVersion).toBe(2)
  expect(create({ 'format-version': '1' })).toMatchObject({ formatVersion: 1, nextRowId: null })
  expect(catchAppError(() => create({ 'format-version': 'x' })).code).toBe('invalid-request')
  expect(catchAppError(() => create({ uuid: 'x' })).code).toBe('invalid-request')
  const withVersion = [...toUpdates(staged), { action: 'set-properties' as const, updates: { 'format-version': '2' } }]
  expect(catchAppError(() => metadataFromUpdates(withVersion, { nowMs })).message).toContain('Cannot downgrade')
})

it('A commit may create a table and add its first rows', () => {
  const snapshot: Snapshot = {
    snapshotId: '9158179788527662767',
    parentSnapshotId: null,
    sequenceNumber: 1,
    timestampMs: nowMs - 5,
    manifestList: 's3://lake/demo/flights/metadata/snap.avro',
    summary: { operation: 'append' },
    schemaId: 0,
    firstRowId: '0',
    addedRows: '7',
  }
  const metadata = metadataFromUpdates(
    [
      ...toUpdates(staged),
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: snapshot.snapshotId },
    ],
    { nowMs },
  )
  expect(metadata).toMatchObject({
    currentSnapshotId: snapshot.snapshotId,
    lastSequenceNumber: 1,
    nextRowId: '7',
    snapshotLog: [{ timestampMs: nowMs - 5, snapshotId: snapshot.snapshotId }],
    lastUpdatedMs: nowMs,
  })
  expect(readTableMetadata(writeTableMetadata(metadata))).toEqual(metadata)
})

it('A commit uses format v2 and the given uuid when the client sends neither', () => {
  const partialUpdates = toUpdates(staged).filter(
    ({ action }) => action !== 'assign-uuid' && action !== 'upgrade-format-version',
  )
  expect(metadataFromUpdates(partialUpdates, { nowMs, tableUuid: 'made-here' })).toMatchObject({
    tableUuid: 'made-here',
    formatVersion: 2,
    nextRowId: null,
  })
})

it.each([
  ['assign-uuid', 'no uuid'],
  ['set-location', 'no location'],
  ['add-schema', 'adds no schema'],
  ['add-spec', 'adds no partition spec'],
  ['add-sort-order', 'adds no sort order'],
] as const)('A commit refuses a table without %s', (missingAction, message) => {
  const updates = toUpdates(staged).filter(({ action }) => action !== missingAction)
  const error = catchAppError(() => metadataFromUpdates(updates, { nowMs }))
  expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
})

it('A commit selects the first of each when the client selects none, and is refused without any', () => {
  const partialUpdates = toUpdates(staged).filter(
    ({ action }) => action !== 'set-current-schema' && action !== 'set-default-spec',
  )
  expect(metadataFromUpdates(partialUpdates, { nowMs })).toEqual(staged)
  const uuidAndLocation = toUpdates(staged).filter(
    ({ action }) => action === 'assign-uuid' || action === 'set-location',
  )
  expect(catchAppError(() => metadataFromUpdates(uuidAndLocation, { nowMs })).message).toContain('no schema 0')
  const later: TableUpdate[] = [{ action: 'upgrade-format-version', formatVersion: 4 }]
  expect(catchAppError(() => metadataFromUpdates(later, { nowMs })).code).toBe('invalid-request')
})
