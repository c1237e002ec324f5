import { describe, expect, it } from 'vitest'
import { appendMetadataLog, applyUpdates } from './apply-updates'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import type { TableUpdate } from './table-update'
import type { Schema } from '../schema/types'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const metadata = sampleMetadata()
const DAY_MS = 86_400_000
const nowMs = metadata.lastUpdatedMs + DAY_MS
const [first, second, third, tip] = SAMPLE_SNAPSHOT_IDS

const apply = (updates: TableUpdate[], base: TableMetadata = metadata, atMs = nowMs) =>
  applyUpdates(base, updates, { nowMs: atMs })

describe('a new snapshot', () => {
  const snapshot = newSnapshot('7', { timestampMs: nowMs + 5 })
  const append: TableUpdate[] = [
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: '7' },
  ]
  it('becomes the tip of main and is logged with its timestamp', () => {
    const after = apply(append)
    expect(after.currentSnapshotId).toBe('7')
    expect(after.lastSequenceNumber).toBe(5)
    expect(after.lastUpdatedMs).toBe(nowMs + 5)
    expect(after.snapshots.at(-1)).toBe(snapshot)
    expect(after.snapshotLog.at(-1)).toEqual({ timestampMs: nowMs + 5, snapshotId: '7' })
    expect(after.snapshotLog).toHaveLength(5)
  })
  it('does not modify the metadata it is applied to', () => {
    apply(append)
    expect(metadata).toEqual(sampleMetadata())
  })
  it('does not set the last update to an earlier time', () => {
    const early = newSnapshot('7', { timestampMs: 5 })
    const after = apply([{ action: 'add-snapshot', snapshot: early }, ...append.slice(1)], metadata, 3)
    expect(after.lastUpdatedMs).toBe(metadata.lastUpdatedMs)
    expect(after.snapshotLog.at(-1)).toEqual({ timestampMs: metadata.lastUpdatedMs, snapshotId: '7' })
  })
  it('that is on main only within one commit is not logged', () => {
    const after = apply([
      ...append,
      { action: 'add-snapshot', snapshot: newSnapshot('8', { sequenceNumber: 6, parentSnapshotId: '7' }) },
      { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: '8' },
    ])
    expect(after.snapshotLog.map((entry) => entry.snapshotId)).toEqual([...SAMPLE_SNAPSHOT_IDS, '8'])
    expect(after.snapshots.map((known) => known.snapshotId)).toContain('7')
  })
  it('can be added to a branch without moving main', () => {
    const after = apply([
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', refName: 'audit', type: 'branch', snapshotId: '7' },
    ])
    expect(after.currentSnapshotId).toBe(tip)
    expect(after.snapshotLog).toBe(metadata.snapshotLog)
    expect(after.refs['audit']?.snapshotId).toBe('7')
  })
  it.each([
    ['whose sequence number is taken', newSnapshot('7', { sequenceNumber: 4 }), metadata, 'commit-conflict'],
    ['without a manifest list', newSnapshot('7', { manifestList: null, manifests: [] }), metadata, 'invalid-request'],
    ['of a table without a schema', newSnapshot('7'), sampleMetadata({ schemas: [] }), 'invalid-request'],
    ['that the table already has', newSnapshot(first), metadata, 'invalid-request'],
    ['of a schema the table does not have', newSnapshot('7', { schemaId: 9 }), metadata, 'invalid-request'],
  ] as [string, Snapshot, TableMetadata, string][])('%s is refused', (_name, bad, to, code) => {
    expect(catchAppError(() => apply([{ action: 'add-snapshot', snapshot: bad }], to)).code).toBe(code)
  })
  it('without a parent may have an old sequence number and does not lower the table’s', () => {
    const after = apply([
      { action: 'remove-snapshot-ref', refName: 'main' },
      { action: 'add-snapshot', snapshot: newSnapshot('7', { sequenceNumber: 3, parentSnapshotId: null }) },
      { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: '7' },
    ])
    expect(after).toMatchObject({ currentSnapshotId: '7', lastSequenceNumber: 4 })
  })
  it('is refused when it is more than a minute in the future', () => {
    const appendAt = (timestampMs: number) => [
      { action: 'add-snapshot' as const, snapshot: newSnapshot('7', { timestampMs }) },
      ...append.slice(1),
    ]
    expect(apply(appendAt(nowMs + 60_000)).lastUpdatedMs).toBe(nowMs + 60_000)
    expect(catchAppError(() => apply(appendAt(nowMs + 60_001))).message).toContain('Invalid update timestamp')
  })
  it('of a v1 table has no sequence number', () => {
    const v1 = sampleMetadata({ formatVersion: 1, lastSequenceNumber: 0 })
    const after = apply([{ action: 'add-snapshot', snapshot: newSnapshot('7', { sequenceNumber: 0 }) }], v1)
    expect(after.lastSequenceNumber).toBe(0)
    expect(after.snapshots).toHaveLength(5)
  })
})

describe('a snapshot of a v3 table', () => {
  const v3 = sampleMetadata({ formatVersion: 3, nextRowId: '9007199254740993' })
  const add = (overrides: Partial<Snapshot>): TableUpdate[] => [
    { action: 'add-snapshot', snapshot: newSnapshot('7', overrides) },
  ]
  it('takes its row ids from the table', () => {
    const after = apply(add({ firstRowId: '9007199254740993', addedRows: '10' }), v3)
    expect(after.nextRowId).toBe('9007199254741003')
    expect(apply(add({ firstRowId: '9007199254740999', addedRows: '1' }), v3).nextRowId).toBe('9007199254741000')
  })
  it('based on an older state must be written again', () => {
    const error = catchAppError(() => apply(add({ firstRowId: '9007199254740992', addedRows: '10' }), v3))
    expect(error.code).toBe('commit-conflict')
    expect(error.message).toBe(
      'Validation failed, please retry: Cannot add a snapshot, first-row-id is behind table next-row-id: ' +
        '9007199254740992 < 9007199254740993',
    )
  })
  it('must say how many rows it adds', () => {
    expect(catchAppError(() => apply(add({}), v3)).message).toBe('Cannot add a snapshot: first-row-id is null')
    expect(catchAppError(() => apply(add({ firstRowId: v3.nextRowId ?? '' }), v3)).message).toContain('added-rows')
    expect(catchAppError(() => apply(add({ firstRowId: v3.nextRowId ?? '', addedRows: '-1' }), v3)).code).toBe(
      'invalid-request',
    )
  })
})

describe('branches and tags', () => {
  it('can roll back main without losing history', () => {
    const after = apply([{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: second }])
    expect(after.currentSnapshotId).toBe(second)
    expect(after.snapshots).toBe(metadata.snapshots)
    expect(after.snapshotLog).toEqual([...metadata.snapshotLog, { timestampMs: nowMs, snapshotId: second }])
    expect(after.lastSequenceNumber).toBe(4)
  })
  it('do not change when main is set to its current snapshot', () => {
    const ref = metadata.refs['main'] ?? { snapshotId: tip, type: 'branch' as const }
    expect(apply([{ action: 'set-snapshot-ref', refName: 'main', ...ref }])).toBe(metadata)
  })
  it('are not logged when only their retention changes', () => {
    const after = apply([
      { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: tip, maxSnapshotAgeMs: 5 },
    ])
    expect(after.refs['main']).toEqual({ type: 'branch', snapshotId: tip, maxSnapshotAgeMs: 5 })
    expect(after.snapshotLog).toBe(metadata.snapshotLog)
  })
  it('keep unknown fields of a newer writer', () => {
    const marked = sampleMetadata({
      refs: { ...metadata.refs, audit: { snapshotId: second, type: 'branch', unknownFields: { future: 1 } } },
    })
    const after = apply([{ action: 'set-snapshot-ref', refName: 'audit', type: 'branch', snapshotId: first }], marked)
    expect(after.refs['audit']).toEqual({ snapshotId: first, type: 'branch', unknownFields: { future: 1 } })
  })
  it('can be removed, even main', () => {
    const after = apply([
      { action: 'remove-snapshot-ref', refName: 'main' },
      { action: 'remove-snapshot-ref', refName: 'gone' },
    ])
    expect(after.currentSnapshotId).toBeNull()
    expect(Object.keys(after.refs)).toEqual(['audit', 'q1-close'])
  })
  it('can have a name like __proto__', () => {
    const after = apply([{ action: 'set-snapshot-ref', refName: '__proto__', type: 'tag', snapshotId: first }])
    expect(Object.keys(after.refs)).toContain('__proto__')
    expect(Object.keys(apply([{ action: 'remove-snapshot-ref', refName: '__proto__' }], after).refs)).toEqual([
      'main',
      'audit',
      'q1-close',
    ])
  })
  it.each([
    { refName: 'x', type: 'tag', snapshotId: '12' },
    { refName: ' ', type: 'tag', snapshotId: first },
    { refName: 'main', type: 'tag', snapshotId: first },
    { refName: 'x', type: 'tag', snapshotId: first, minSnapshotsToKeep: 1 },
    { refName: 'x', type: 'branch', snapshotId: first, maxRefAgeMs: 0 },
  ] as const)('are refused when invalid: %o', (ref) => {
    expect(catchAppError(() => apply([{ action: 'set-snapshot-ref', ...ref }])).code).toBe('invalid-request')
  })
})

describe('removing snapshots', () => {
  it('removes what refers to them and cuts the log at the gap', () => {
    const withStatistics = sampleMetadata({
      statistics: [{ 'snapshot-id': BigInt(second) }, { 'snapshot-id': BigInt(third) }],
      partitionStatistics: [{ 'snapshot-id': 5 }, {}],
    })
    const after = apply([{ action: 'remove-snapshots', snapshotIds: [second, '5'] }], withStatistics)
    expect(after.snapshots.map((snapshot) => snapshot.snapshotId)).toEqual([first, third, tip])
    expect(after.snapshotLog.map((entry) => entry.snapshotId)).toEqual([third, tip])
    expect(Object.keys(after.refs)).toEqual(['main', 'q1-close'])
    expect(after.statistics).toEqual([{ 'snapshot-id': BigInt(third) }])
    expect(after.partitionStatistics).toEqual([{}])
    expect(after.lastUpdatedMs).toBe(nowMs)
  })
  it('of the tip leaves a table without a current snapshot', () => {
    const after = apply([{ action: 'remove-snapshots', snapshotIds: [tip] }])
    expect(after.currentSnapshotId).toBeNull()
    expect(after.refs['main']).toBeUndefined()
    expect(after.snapshotLog).toEqual([])
  })
  it('that do not exist changes nothing', () => {
    expect(apply([{ action: 'remove-snapshots', snapshotIds: ['12'] }])).toBe(metadata)
  })
})

describe('statistics', () => {
  const statisticsFor = (snapshotId: string, path: string) => ({
    'snapshot-id': BigInt(snapshotId),
    'statistics-path': path,
  })
  const table = sampleMetadata({
    statistics: [statisticsFor(first, 'a'), statisticsFor(second, 'b')],
    partitionStatistics: [{ 'snapshot-id': 5 }],
  })
  it('of a snapshot replace its earlier ones', () => {
    const after = apply([{ action: 'set-statistics', statistics: statisticsFor(first, 'c') }], table)
    expect(after.statistics).toEqual([statisticsFor(second, 'b'), statisticsFor(first, 'c')])
    expect(
      apply([{ action: 'set-partition-statistics', partitionStatistics: statisticsFor('5', 'p') }], table)
        .partitionStatistics,
    ).toEqual([statisticsFor('5', 'p')])
  })
  it('are removed by their snapshot id', () => {
    const after = apply(
      [
        { action: 'remove-statistics', snapshotId: second },
        { action: 'remove-partition-statistics', snapshotId: '5' },
      ],
      table,
    )
    expect([after.statistics, after.partitionStatistics]).toEqual([[statisticsFor(first, 'a')], []])
    expect(apply([{ action: 'remove-statistics', snapshotId: tip }], table)).toBe(table)
  })
  it('without a snapshot are refused', () => {
    expect(catchAppError(() => apply([{ action: 'set-statistics', statistics: {} }])).code).toBe('invalid-request')
  })
})

describe('encryption keys', () => {
  const key = { 'key-id': 'k', 'encrypted-key-metadata': 'aWNl' }
  const table = sampleMetadata({ encryptionKeys: [key] })
  it('are added once and can be removed', () => {
    const other = { 'key-id': 'l', 'encrypted-key-metadata': 'YmVy', properties: { a: 'b' } }
    expect(apply([{ action: 'add-encryption-key', encryptionKey: other }], table).encryptionKeys).toEqual([key, other])
    expect(apply([{ action: 'add-encryption-key', encryptionKey: { ...other, 'key-id': 'k' } }], table)).toBe(table)
    expect(apply([{ action: 'remove-encryption-key', keyId: 'k' }], table).encryptionKeys).toEqual([])
    expect(apply([{ action: 'remove-encryption-key', keyId: 'z' }], table)).toBe(table)
  })
})

describe('unused schemas and specs', () => {
  const table = sampleMetadata({
    schemas: [...metadata.schemas, { schemaId: 7, identifierFieldIds: [], fields: [] }],
    partitionSpecs: [...metadata.partitionSpecs, { specId: 4, fields: [] }],
  })
  it('are removed', () => {
    const after = apply(
      [
        { action: 'remove-schemas', schemaIds: [7, 99] },
        { action: 'remove-partition-specs', specIds: [4, 99] },
      ],
      table,
    )
    expect(after.schemas).toEqual(metadata.schemas)
    expect(after.partitionSpecs).toEqual(metadata.partitionSpecs)
    expect(apply([{ action: 'remove-schemas', schemaIds: [99] }])).toBe(metadata)
  })
  it('are refused for removal when in use', () => {
    expect(catchAppError(() => apply([{ action: 'remove-schemas', schemaIds: [1] }])).message).toBe(
      'Cannot remove the current schema',
    )
    expect(catchAppError(() => apply([{ action: 'remove-partition-specs', specIds: [0] }])).message).toBe(
      'Cannot remove the default partition spec',
    )
    expect(catchAppError(() => apply([{ action: 'remove-schemas', schemaIds: [0] }])).message).toBe(
      `Cannot remove the schema 0, which snapshot ${first} uses`,
    )
  })
  it('leave a gap: their id is not reused', () => {
    const atZero = sampleMetadata({ currentSchemaId: 0 })
    const fresh: Schema = {
      schemaId: 1,
      identifierFieldIds: [],
      fields: [...(metadata.schemas[0]?.fields ?? []), { id: 4, name: 'new', required: false, type: 'date' }],
    }
    const swapped: TableUpdate[] = [
      { action: 'remove-schemas', schemaIds: [1] },
      { action: 'add-schema', schema: fresh },
    ]
    expect(catchAppError(() => apply(swapped, atZero)).message).toContain('Cannot remove the schema 1')
    const withNewSpec = apply(
      [
        { action: 'remove-partition-specs', specIds: [4] },
        {
          action: 'add-spec',
          spec: { specId: 4, fields: [{ sourceId: 2, fieldId: 0, name: 'origin', transform: 'identity' }] },
        },
      ],
      table,
    )
    expect(withNewSpec.partitionSpecs.map(({ specId }) => specId)).toEqual([0, 5])
  })
  it('cannot be selected after they are removed', () => {
    const reselected: TableUpdate[] = [
      { action: 'set-default-spec', specId: 4 },
      { action: 'remove-partition-specs', specIds: [0] },
      { action: 'set-default-spec', specId: 0 },
    ]
    expect(catchAppError(() => apply(reselected, table)).message).toBe('The table has no partition spec 0')
  })
  it('count as unused when the same commit removes their snapshots', () => {
    const after = apply([
      { action: 'remove-schemas', schemaIds: [0] },
      { action: 'remove-snapshots', snapshotIds: [first] },
      { action: 'remove-snapshots', snapshotIds: [second] },
    ])
    expect(after.schemas.map(({ schemaId }) => schemaId)).toEqual([1])
  })
})

describe('properties', () => {
  it('are set and removed', () => {
    const after = apply([
      { action: 'set-properties', updates: { owner: 'grace', __proto__x: '1' } },
      { action: 'remove-properties', removals: ['write.parquet.compression-codec', 'gone'] },
    ])
    expect(after.properties).toEqual({ owner: 'grace', __proto__x: '1' })
    expect(after.lastUpdatedMs).toBe(nowMs)
  })
  it('change nothing when set to their current value', () => {
    expect(apply([{ action: 'set-properties', updates: { owner: 'ada' } }])).toBe(metadata)
    expect(apply([{ action: 'remove-properties', removals: ['toString'] }])).toBe(metadata)
    expect(apply([{ action: 'set-properties', updates: { toString: 'x' } }]).properties['toString']).toBe('x')
  })
  it('do not contain the format version: setting it upgrades the table', () => {
    const set = (version: string, from = metadata) =>
      apply([{ action: 'set-properties', updates: { 'format-version': version, owner: 'grace' } }], from)
    const upgraded = set('3')
    expect(upgraded).toMatchObject({ formatVersion: 3, nextRowId: '0', properties: { owner: 'grace' } })
    expect(upgraded.properties).not.toHaveProperty('format-version')
    expect(apply([{ action: 'set-properties', updates: { 'format-version': '2' } }])).toBe(metadata)
    expect(catchAppError(() => set('2', upgraded)).message).toContain('Cannot downgrade v3 table to v2')
    for (const invalid of ['4', 'two', '', '2.0', ' 3'])
      expect(catchAppError(() => set(invalid)).code).toBe('invalid-request')
  })
  it.each([
    'uuid',
    'snapshot-count',
    'current-snapshot-summary',
    'current-snapshot-id',
    'current-snapshot-timestamp-ms',
    'current-schema',
    'default-partition-spec',
    'default-sort-order',
  ])('cannot repeat a metadata field: setting %s is refused, removing it is allowed', (key) => {
    const error = catchAppError(() => apply([{ action: 'set-properties', updates: { [key]: '1', owner: 'grace' } }]))
    expect(error).toMatchObject({ code: 'invalid-request', facts: { property: key } })
    const leftover = { ...metadata, properties: { ...metadata.properties, [key]: '1' } }
    const removed = apply([{ action: 'remove-properties', removals: [key] }], leftover)
    expect(removed.properties).toEqual(metadata.properties)
  })
})

describe('schemas', () => {
  const schema: Schema = {
    schemaId: 77,
    identifierFieldIds: [1],
    fields: [
      { id: 1, name: 'date', required: true, type: 'timestamp' },
      { id: 9, name: 'tip', required: false, type: 'double' },
    ],
  }
  it('are added with the next id and can be made current', () => {
    const after = apply([
      { action: 'add-schema', schema },
      { action: 'set-current-schema', schemaId: -1 },
    ])
    expect(after.schemas.map((known) => known.schemaId)).toEqual([0, 1, 2])
    expect(after.currentSchemaId).toBe(2)
    expect(after.lastColumnId).toBe(9)
  })
  it('are not added again when equal to an existing one', () => {
    const [zero] = metadata.schemas
    const after = apply([
      { action: 'add-schema', schema: { ...(zero ?? schema), schemaId: 5 } },
      { action: 'set-current-schema', schemaId: -1 },
    ])
    expect(after.schemas).toBe(metadata.schemas)
    expect(after.currentSchemaId).toBe(0)
    expect(after.lastColumnId).toBe(3)
  })
  it('may have an identifier field inside required structs', () => {
    expect(apply([{ action: 'add-schema', schema: withIdentifier() }]).schemas).toHaveLength(3)
  })
  it.each([
    [[{ action: 'set-current-schema', schemaId: -1 }], 'adds no schema'],
    [[{ action: 'set-current-schema', schemaId: 12 }], 'no schema 12'],
    [[{ action: 'add-schema', schema: { ...schema, identifierFieldIds: [12] } }], 'identifier field 12'],
    [[{ action: 'add-schema', schema: { ...schema, identifierFieldIds: [9] } }], 'is double'],
    [[{ action: 'add-schema', schema: withIdentifier({ parentRequired: false }) }], 'is inside p, which is optional'],
    [[{ action: 'add-schema', schema: { ...withIdentifier(), identifierFieldIds: [1] } }], 'not of a primitive type'],
    [[{ action: 'add-schema', schema: { ...withIdentifier(), identifierFieldIds: [4] } }], 'inside a list'],
    [
      [
        {
          action: 'add-schema',
          schema: {
            ...schema,
            fields: [{ id: 1, name: 'd', required: true, type: 'date', initialDefault: '2026-01-01' }],
          },
        },
      ],
      'has an initial default, which needs format version 3',
    ],
    [
      [
        {
          action: 'add-schema',
          schema: { ...schema, fields: [{ id: 1, name: 'g', required: true, type: 'geometry' }] },
        },
      ],
      'geometry, which needs format version 3',
    ],
    [
      [
        {
          action: 'add-schema',
          schema: { ...schema, fields: [{ id: 1, name: 'n', required: false, type: 'timestamp_ns' }] },
        },
      ],
      'format version 3',
    ],
    [
      [
        {
          action: 'add-schema',
          schema: {
            ...schema,
            identifierFieldIds: [],
            fields: [{ id: 2, name: 'o', required: false, type: 'string' }],
          },
        },
        { action: 'set-current-schema', schemaId: -1 },
      ],
      'column 1, which is not in the schema',
    ],
  ] as [TableUpdate[], string][])('are refused when invalid (%#)', (updates, message) => {
    const error = catchAppError(() => apply(updates))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })
})

describe('partition specs', () => {
  const origin = { sourceId: 2, fieldId: 0, name: 'origin', transform: 'identity' }
  const month = { sourceId: 1, fieldId: 0, name: 'date_month', transform: 'month' }
  it('are added with the next id, and a field keeps its id', () => {
    const after = apply([
      { action: 'add-spec', spec: { specId: 0, fields: [origin, month] } },
      { action: 'set-default-spec', specId: -1 },
    ])
    expect(after.partitionSpecs[1]).toEqual({
      specId: 1,
      fields: [
        { ...origin, fieldId: 1001 },
        { ...month, fieldId: 1000 },
      ],
    })
    expect([after.defaultSpecId, after.lastPartitionId]).toEqual([1, 1001])
  })
  it('keep the ids that a client gave to new and renamed fields', () => {
    const renamed = { ...month, fieldId: 1000, name: 'by_month' }
    const after = apply([{ action: 'add-spec', spec: { specId: 0, fields: [{ ...origin, fieldId: 1003 }, renamed] } }])
    expect(after.partitionSpecs[1]?.fields).toEqual([{ ...origin, fieldId: 1003 }, renamed])
    expect(after.lastPartitionId).toBe(1003)
    const voided = { ...renamed, transform: 'void' }
    expect(apply([{ action: 'add-spec', spec: { specId: 0, fields: [voided] } }]).partitionSpecs[1]?.fields).toEqual([
      voided,
    ])
  })
  it('are refused as a conflict when a field id is already used for something else', () => {
    const taken = { action: 'add-spec', spec: { specId: 0, fields: [{ ...origin, fieldId: 1000 }] } } as const
    expect(catchAppError(() => apply([taken])).code).toBe('commit-conflict')
    const duplicateIds = [
      { ...origin, fieldId: 1001 },
      { sourceId: 1, fieldId: 1001, name: 'd', transform: 'day' },
    ]
    expect(catchAppError(() => apply([{ action: 'add-spec', spec: { specId: 0, fields: duplicateIds } }])).code).toBe(
      'invalid-request',
    )
  })
  it('are not added again when equal to an existing one', () => {
    const after = apply([
      { action: 'add-spec', spec: { specId: 9, fields: [] } },
      { action: 'add-spec', spec: { specId: 9, fields: [month] } },
      { action: 'set-default-spec', specId: -1 },
    ])
    expect(after.partitionSpecs.map((spec) => spec.specId)).toEqual([0, 1])
    expect([after.defaultSpecId, after.lastPartitionId]).toEqual([0, 1000])
  })
  it('of a v1 table number their fields from 1000', () => {
    const after = apply(
      [{ action: 'add-spec', spec: { specId: 0, fields: [origin, month] } }],
      sampleMetadata({ formatVersion: 1 }),
    )
    expect(after.partitionSpecs[1]?.fields.map((field) => field.fieldId)).toEqual([1000, 1001])
    expect(after.lastPartitionId).toBe(1001)
  })
  it.each([
    [[{ ...origin, sourceId: 9 }], 'column 9'],
    [[{ ...origin, name: '' }], 'no name'],
    [[origin, origin], 'named origin'],
    [[{ ...month, name: 'route' }], 'same name as a column'],
    [[{ ...origin, transform: 'hour', name: 'h' }], 'cannot apply hour to column origin'],
    [[{ ...origin, transform: 'zorder', name: 'h' }], 'cannot apply zorder'],
  ])('are refused when they do not fit the schema (%#)', (fields, message) => {
    expect(() => apply([{ action: 'add-spec', spec: { specId: 0, fields } }])).toThrow(message)
  })
  it('cannot be selected when they do not exist', () => {
    expect(() => apply([{ action: 'set-default-spec', specId: 9 }])).toThrow('no partition spec 9')
    expect(() => apply([{ action: 'set-default-spec', specId: -1 }])).toThrow('adds no partition spec')
  })
})

describe('sort orders', () => {
  const byDate = { sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' } as const
  it('are added from id 1, because 0 means unsorted', () => {
    const after = apply([
      { action: 'add-sort-order', sortOrder: { orderId: 9, fields: [byDate] } },
      { action: 'set-default-sort-order', sortOrderId: -1 },
      { action: 'add-sort-order', sortOrder: { orderId: 9, fields: [byDate] } },
    ])
    expect(after.sortOrders).toEqual([
      { orderId: 0, fields: [] },
      { orderId: 1, fields: [byDate] },
    ])
    expect(after.defaultSortOrderId).toBe(1)
  })
  it('use id 0 to become unsorted again', () => {
    const sorted = sampleMetadata({ sortOrders: [{ orderId: 1, fields: [byDate] }], defaultSortOrderId: 1 })
    const after = apply(
      [
        { action: 'add-sort-order', sortOrder: { orderId: -1, fields: [] } },
        { action: 'set-default-sort-order', sortOrderId: -1 },
      ],
      sorted,
    )
    expect(after.defaultSortOrderId).toBe(0)
  })
  it('are refused when they do not fit the schema', () => {
    expect(() =>
      apply([{ action: 'add-sort-order', sortOrder: { orderId: 1, fields: [{ ...byDate, sourceId: 9 }] } }]),
    ).toThrow('column 9')
    expect(() => apply([{ action: 'set-default-sort-order', sortOrderId: 9 }])).toThrow('no sort order 9')
  })
})

describe('a layout that Lakeshore does not support', () => {
  const unknownLayout = sampleMetadata({
    partitionSpecs: [{ specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'z', transform: 'zorder[2]' }] }],
  })
  it('does not prevent other changes', () => {
    expect(apply([{ action: 'set-properties', updates: { owner: 'grace' } }], unknownLayout).properties['owner']).toBe(
      'grace',
    )
    expect(apply([{ action: 'set-current-schema', schemaId: 0 }], unknownLayout).currentSchemaId).toBe(0)
  })
})

describe('the table itself', () => {
  it('keeps its uuid', () => {
    expect(apply([{ action: 'assign-uuid', uuid: metadata.tableUuid }])).toBe(metadata)
    expect(
      catchAppError(() => apply([{ action: 'assign-uuid', uuid: '9c12d441-03fe-4693-9a96-a0705ddf69c1' }])).code,
    ).toBe('invalid-request')
  })
  it('can change its location', () => {
    expect(apply([{ action: 'set-location', location: 'file:///lake/other/' }]).location).toBe('file:///lake/other')
  })
  it('can be upgraded to format v3 and never downgraded', () => {
    const v1 = sampleMetadata({ formatVersion: 1 })
    const upgradeTo = (formatVersion: number, from: TableMetadata) =>
      apply([{ action: 'upgrade-format-version', formatVersion }], from)
    expect(upgradeTo(2, v1)).toMatchObject({ formatVersion: 2, nextRowId: null })
    expect(upgradeTo(3, v1)).toMatchObject({ formatVersion: 3, nextRowId: '0' })
    expect(upgradeTo(2, metadata)).toBe(metadata)
    expect(catchAppError(() => upgradeTo(1, metadata)).message).toBe('Cannot downgrade v2 table to v1')
    expect(catchAppError(() => upgradeTo(4, metadata)).code).toBe('invalid-request')
  })
})

describe('the metadata log', () => {
  const loggedFiles = (count: number, properties: Record<string, string>) => {
    let grown = sampleMetadata({ properties })
    for (let n = 0; n < count; n += 1) grown = appendMetadataLog(grown, { metadataFile: `v${n}`, timestampMs: n })
    return grown.metadataLog.map((entry) => entry.metadataFile)
  }
  it('keeps the last hundred files', () => {
    expect(loggedFiles(103, {})).toHaveLength(100)
    expect(loggedFiles(103, {})[0]).toBe('v3')
  })
  it.each([
    ['2', ['v2', 'v3']],
    ['0', ['v3']],
    ['many', ['v0', 'v1', 'v2', 'v3']],
  ])('keeps as many files as the table property says: %s', (max, files) => {
    expect(loggedFiles(4, { 'write.metadata.previous-versions-max': max })).toEqual(files)
  })
})

function newSnapshot(snapshotId: string, overrides: Partial<Snapshot> = {}): Snapshot {
  return sampleSnapshot(3, { snapshotId, parentSnapshotId: tip, sequenceNumber: 5, ...overrides })
}

function withIdentifier({ parentRequired = true } = {}): Schema {
  return {
    schemaId: 9,
    identifierFieldIds: [2],
    fields: [
      {
        id: 1,
        name: 'p',
        required: parentRequired,
        type: { type: 'struct', fields: [{ id: 2, name: 'x', required: true, type: 'long' }] },
      },
      {
        id: 3,
        name: 'l',
        required: true,
        type: { type: 'list', elementId: 4, element: 'int', elementRequired: true },
      },
    ],
  }
}
