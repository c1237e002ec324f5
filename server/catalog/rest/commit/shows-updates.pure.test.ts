import { describe, expect, it } from 'vitest'
import { applyUpdates } from '@/lib/iceberg/commit/apply-updates'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { showsUpdates } from './shows-updates'

const NEW_ID = '8158179788527662768'
const SCHEMA = {
  schemaId: 7,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'date', required: false, type: 'timestamp' },
    { id: 4, name: 'gate', required: false, type: 'string', doc: 'of departure' },
  ],
} as const
const SPEC = { specId: 9, fields: [{ sourceId: 1, fieldId: 1001, name: 'date_day', transform: 'day' }] }
const ORDER = {
  orderId: 9,
  fields: [{ sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
} as const

const CHANGES: readonly [string, readonly TableUpdate[]][] = [
  ['a property', [{ action: 'set-properties', updates: { owner: 'bob', 'a.b': '' } }]],
  ['a property that is removed', [{ action: 'remove-properties', removals: ['owner'] }]],
  ['a location', [{ action: 'set-location', location: 's3://elsewhere/' }]],
  [
    'a snapshot and its branch',
    [
      { action: 'add-snapshot', snapshot: sampleSnapshot(3, { snapshotId: NEW_ID, sequenceNumber: 5 }) },
      { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: NEW_ID },
    ],
  ],
  [
    'a tag',
    [{ action: 'set-snapshot-ref', refName: 'v1', type: 'tag', snapshotId: SAMPLE_SNAPSHOT_IDS[1], maxRefAgeMs: 5 }],
  ],
  [
    'a branch that is moved',
    [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: SAMPLE_SNAPSHOT_IDS[0] }],
  ],
  ['a branch that is removed', [{ action: 'remove-snapshot-ref', refName: 'audit' }]],
  ['snapshots that are removed', [{ action: 'remove-snapshots', snapshotIds: [SAMPLE_SNAPSHOT_IDS[2]] }]],
  [
    'a schema',
    [
      { action: 'add-schema', schema: SCHEMA },
      { action: 'set-current-schema', schemaId: -1 },
    ],
  ],
  ['an earlier schema', [{ action: 'set-current-schema', schemaId: 0 }]],
  [
    'a partition spec',
    [
      { action: 'add-spec', spec: SPEC },
      { action: 'set-default-spec', specId: -1 },
    ],
  ],
  [
    'a sort order',
    [
      { action: 'add-sort-order', sortOrder: ORDER },
      { action: 'set-default-sort-order', sortOrderId: -1 },
    ],
  ],
]

describe('A table shows a commit', () => {
  it.each(CHANGES)('of %s after it and not before', (_name, updates) => {
    const before = sampleMetadata()
    expect(showsUpdates(before, updates)).toBe(false)
    expect(showsUpdates(applyUpdates(before, updates, { nowMs: before.lastUpdatedMs + 1 }), updates)).toBe(true)
  })

  it('whose ids the catalog reassigned, by content', () => {
    const { schemas } = sampleMetadata()
    const metadata = sampleMetadata({
      schemas: [...schemas, { ...SCHEMA, schemaId: 2 }],
      currentSchemaId: 2,
      partitionSpecs: [{ specId: 3, fields: [{ ...SPEC.fields[0]!, fieldId: 1005 }] }],
      defaultSpecId: 3,
      sortOrders: [{ ...ORDER, orderId: 4 }],
      defaultSortOrderId: 4,
    })
    const updates = CHANGES.slice(-4)
      .filter(([name]) => !name.includes('earlier'))
      .flatMap(([, list]) => list)
    expect(showsUpdates(metadata, updates)).toBe(true)
    expect(showsUpdates(sampleMetadata({ ...metadata, currentSchemaId: 0 }), updates)).toBe(false)
    expect(showsUpdates(metadata, [{ action: 'set-default-spec', specId: 3 }])).toBe(true)
    expect(showsUpdates(metadata, [{ action: 'set-default-sort-order', sortOrderId: 3 }])).toBe(false)
  })

  it('of statistics files, and of removed schemas, specs and files', () => {
    const one = { 'snapshot-id': 3051729675574597004n, 'statistics-path': 's3://s' }
    const metadata = sampleMetadata({ statistics: [one], partitionStatistics: [one] })
    const same = { 'statistics-path': 's3://s', 'snapshot-id': 3051729675574597004n }
    const id = '3051729675574597004'
    const shows = (update: TableUpdate) => showsUpdates(metadata, [update])
    expect(shows({ action: 'set-statistics', statistics: same })).toBe(true)
    expect(shows({ action: 'set-statistics', statistics: { ...same, 'snapshot-id': 3051729675574597000n } })).toBe(
      false,
    )
    expect(shows({ action: 'set-partition-statistics', partitionStatistics: same })).toBe(true)
    expect(shows({ action: 'remove-statistics', snapshotId: id })).toBe(false)
    expect(shows({ action: 'remove-statistics', snapshotId: '3051729675574597000' })).toBe(true)
    expect(shows({ action: 'remove-partition-statistics', snapshotId: id })).toBe(false)
    expect(shows({ action: 'remove-partition-specs', specIds: [0] })).toBe(false)
    expect(shows({ action: 'remove-partition-specs', specIds: [5] })).toBe(true)
    expect(shows({ action: 'remove-schemas', schemaIds: [5, 1] })).toBe(false)
    expect(shows({ action: 'remove-schemas', schemaIds: [5] })).toBe(true)
    expect(shows({ action: 'upgrade-format-version', formatVersion: 2 })).toBe(true)
    expect(shows({ action: 'upgrade-format-version', formatVersion: 3 })).toBe(false)
    expect(shows({ action: 'assign-uuid', uuid: metadata.tableUuid.toUpperCase() })).toBe(true)
  })

  it('never of an encryption key, because keys are not compared', () => {
    expect(showsUpdates(sampleMetadata(), [{ action: 'remove-encryption-key', keyId: 'k' }])).toBe(false)
    expect(showsUpdates(sampleMetadata(), [{ action: 'add-encryption-key', encryptionKey: {} }])).toBe(false)
  })
})
