import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { UpdateRequirement } from './table-update'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { checkRequirements } from './check-requirements'

const metadata = sampleMetadata()
const [first, second, , tip] = SAMPLE_SNAPSHOT_IDS
const OTHER_UUID = '9c12d441-03fe-4693-9a96-a0705ddf69c1'

it.each([
  { type: 'assert-table-uuid', uuid: metadata.tableUuid.toUpperCase() },
  { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: tip },
  { type: 'assert-ref-snapshot-id', ref: 'toString', snapshotId: null },
  { type: 'assert-last-assigned-field-id', lastAssignedFieldId: 3 },
  { type: 'assert-current-schema-id', currentSchemaId: 1 },
  { type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: 1000 },
  { type: 'assert-default-spec-id', defaultSpecId: 0 },
  { type: 'assert-default-sort-order-id', defaultSortOrderId: 0 },
] as UpdateRequirement[])('accepts a requirement that holds: $type', (requirement) => {
  expect(() => checkRequirements(metadata, [requirement])).not.toThrow()
})

it.each([
  [
    { type: 'assert-table-uuid', uuid: OTHER_UUID },
    metadata.tableUuid,
    `UUID does not match: expected ${metadata.tableUuid} != ${OTHER_UUID}`,
  ],
  [
    { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: first },
    tip,
    `branch main has changed: expected id ${first} != ${tip}`,
  ],
  [{ type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: null }, tip, 'branch main was created concurrently'],
  [
    { type: 'assert-ref-snapshot-id', ref: 'q1-close', snapshotId: second },
    first,
    `tag q1-close has changed: expected id ${second} != ${first}`,
  ],
  [
    { type: 'assert-ref-snapshot-id', ref: 'gone', snapshotId: first },
    null,
    `branch or tag gone is missing, expected ${first}`,
  ],
  [
    { type: 'assert-last-assigned-field-id', lastAssignedFieldId: 2 },
    3,
    'last assigned field id changed: expected id 2 != 3',
  ],
  [{ type: 'assert-current-schema-id', currentSchemaId: 0 }, 1, 'current schema changed: expected id 0 != 1'],
  [
    { type: 'assert-last-assigned-partition-id', lastAssignedPartitionId: 999 },
    1000,
    'last assigned partition id changed: expected id 999 != 1000',
  ],
  [{ type: 'assert-default-spec-id', defaultSpecId: 1 }, 0, 'default partition spec changed: expected id 1 != 0'],
  [
    { type: 'assert-default-sort-order-id', defaultSortOrderId: 1 },
    0,
    'default sort order changed: expected id 1 != 0',
  ],
] as [UpdateRequirement, string | number | null, string][])(
  'refuses a requirement that does not hold, in the words that clients expect: %o',
  (requirement, now, expectedMessage) => {
    const { code, message, facts } = catchAppError(() => checkRequirements(metadata, [requirement]))
    expect({ code, message }).toEqual({ code: 'commit-conflict', message: `Requirement failed: ${expectedMessage}` })
    expect(facts['current']).toBe(now)
  },
)

it('refuses assert-create for an existing table, and any other requirement next to it', () => {
  const create: UpdateRequirement = { type: 'assert-create' }
  const spec: UpdateRequirement = { type: 'assert-default-spec-id', defaultSpecId: 0 }
  expect(() => checkRequirements(null, [create])).not.toThrow()
  expect(() => checkRequirements(null, [])).not.toThrow()
  const error = catchAppError(() => checkRequirements(metadata, [create]))
  expect([error.code, error.message]).toEqual(['commit-conflict', 'Requirement failed: table already exists'])
  expect(error.facts['requirement']).toBe('assert-create')
  expect(catchAppError(() => checkRequirements(null, [create, spec])).code).toBe('invalid-request')
  expect(catchAppError(() => checkRequirements(null, [spec])).code).toBe('not-found')
})
