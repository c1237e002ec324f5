import { expect, it } from 'vitest'
import { applyUpdates } from './apply-updates'
import { createTableRequestFromJson } from './create-table-request'
import { readTableMetadata, writeTableMetadata } from '../metadata/metadata-json'
import { newTableMetadata } from './new-table-metadata'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { tableChangeFromJson } from './table-change-from-json'
import type { TableMetadata } from '../metadata/table-metadata'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { Type } from '../schema/types'
import type { Json } from '../json/json'

/** Features that one format version allows and another does not. */

const v3 = sampleMetadata({ formatVersion: 3, nextRowId: '0' })
const apply = (updates: Json, base: TableMetadata) =>
  applyUpdates(base, tableChangeFromJson({ updates }).updates, { nowMs: base.lastUpdatedMs })

const spec = { fields: [{ 'source-ids': [1, 2], name: 'x', transform: 'void' }] }
const order = { fields: [{ 'source-ids': [1], transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }] }

it.each([1, 2] as const)('refuses a transform of several columns in a v%i table', (formatVersion) => {
  const table = sampleMetadata({ formatVersion })
  for (const update of [
    { action: 'add-spec', spec },
    { action: 'add-sort-order', 'sort-order': order },
  ]) {
    const error = catchAppError(() => apply([update], table))
    expect(error.code).toBe('invalid-request')
    expect(error.message).toBe('A transform takes several columns, which needs format version 3')
  }
})

it('accepts a transform of several columns in a v3 table', () => {
  const [, added] = apply([{ action: 'add-spec', spec }], v3).partitionSpecs
  expect(added?.fields[0]?.unknownFields).toEqual({ 'source-ids': [1, 2] })
})

it('refuses a transform of several columns in a new table, because no writer could apply it', () => {
  const request = createTableRequestFromJson({
    name: 't',
    schema: { type: 'struct', fields: [{ id: 1, name: 'a', required: false, type: 'long' }] },
    'partition-spec': { fields: [{ 'source-ids': [1], name: 'x', transform: 'bucket[2]' }] },
    properties: { 'format-version': '3' },
  })
  const error = catchAppError(() => newTableMetadata({ ...request, location: 'file:///t', tableUuid: 'x', nowMs: 0 }))
  expect([error.code, error.message]).toEqual([
    'invalid-request',
    'The transform bucket[2] has several source columns, which no supported transform takes',
  ])
})

const LIST: Type = { type: 'list', elementId: 9, element: 'unknown', elementRequired: true }

it.each<[string, boolean, Type, string]>([
  ['a column', true, 'unknown', 'c'],
  ['the elements of a list', false, LIST, 'c.element'],
])('refuses %s of type unknown that is required', (_name, required, type, column) => {
  const schema = { schemaId: 0, identifierFieldIds: [], fields: [{ id: 8, name: 'c', required, type }] }
  const error = catchAppError(() => applyUpdates(v3, [{ action: 'add-schema', schema }], { nowMs: 0 }))
  expect([error.code, error.message]).toEqual([
    'invalid-request',
    `Column ${column} is required, but its type unknown allows only null`,
  ])
  const optional = { ...schema, fields: [{ id: 8, name: 'c', required: false, type: 'unknown' as const }] }
  expect(applyUpdates(v3, [{ action: 'add-schema', schema: optional }], { nowMs: 0 }).schemas).toHaveLength(3)
})

it.each([2, 3])('refuses to upgrade a v1 table to v%i while a snapshot has no manifest list', (formatVersion) => {
  const old = sampleSnapshot(0, { sequenceNumber: 0, manifestList: null, manifests: ['file:///lake/m0.avro'] })
  const v1 = sampleMetadata({ formatVersion: 1, snapshots: [old, ...sampleMetadata().snapshots.slice(1)] })
  const upgrade = { action: 'upgrade-format-version', 'format-version': formatVersion }
  const error = catchAppError(() => apply([upgrade], v1))
  expect(error.code).toBe('invalid-request')
  expect(error.message).toContain(`snapshot ${old.snapshotId} has no manifest list. Expire it first`)
  const expired = { action: 'remove-snapshots', 'snapshot-ids': [BigInt(old.snapshotId)] }
  expect(apply([expired, upgrade], v1).formatVersion).toBe(formatVersion)
})

it.each([
  [1, 0, 4],
  [2, 9, 9],
] as const)(
  'drops fields of later format versions from a snapshot of v%i',
  (formatVersion, expected, lastSequenceNumber) => {
    const snapshots = sampleMetadata().snapshots.map((snapshot) =>
      formatVersion === 1 ? { ...snapshot, sequenceNumber: 0 } : snapshot,
    )
    const table = sampleMetadata({ formatVersion, snapshots })
    const snapshot = sampleSnapshot(3, { snapshotId: '7', sequenceNumber: 9, firstRowId: '5' })
    const after = applyUpdates(table, [{ action: 'add-snapshot', snapshot }], { nowMs: 0 })
    const added = after.snapshots.at(-1)
    expect([added?.sequenceNumber, after.lastSequenceNumber]).toEqual([expected, lastSequenceNumber])
    expect(added).not.toHaveProperty('firstRowId')
    // Read back, it is the table that was written.
    expect(readTableMetadata(writeTableMetadata(after)).snapshots).toEqual(after.snapshots)
  },
)
