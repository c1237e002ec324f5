import { describe, expect, it } from 'vitest'
import { applyUpdates } from '../commit/apply-updates'
import { writeTableMetadata } from './metadata-json'
import { newTableMetadata } from '../commit/new-table-metadata'
import { requireReadableMetadata } from './readable-metadata'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { TableMetadata } from './table-metadata'
import type { TableUpdate } from '../commit/table-update'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { PartitionField } from '../partitioning/partition-spec'
import type { Json } from '../json/json'

const MAX_INT = 2 ** 31 - 1
const MAX_LONG = String(2n ** 63n - 1n)
const metadata = sampleMetadata()
const apply = (updates: TableUpdate[], base: TableMetadata = metadata) =>
  applyUpdates(base, updates, { nowMs: metadata.lastUpdatedMs })
const snapshot = (snapshotId: string, change = {}): TableUpdate => ({
  action: 'add-snapshot',
  snapshot: sampleSnapshot(3, { snapshotId, sequenceNumber: 5, ...change }),
})
const toMain = (snapshotId: string): TableUpdate => ({
  action: 'set-snapshot-ref',
  refName: 'main',
  type: 'branch',
  snapshotId,
})
const spec = (field: Partial<PartitionField>): TableUpdate => ({
  action: 'add-spec',
  spec: { specId: 0, fields: [{ sourceId: 2, fieldId: 0, name: 'p', transform: 'bucket[4]', ...field }] },
})

describe('a number that no reader accepts is refused before it is written', () => {
  it('a snapshot with the id −1, which means "no snapshot"; other negative ids are valid', () => {
    const error = catchAppError(() => apply([snapshot('-1'), toMain('-1')]))
    expect(error.code).toBe('invalid-request')
    expect(error.message).toContain('cannot have the id -1')
    expect(apply([snapshot('-5'), toMain('-5')]).currentSnapshotId).toBe('-5')
  })
  it('a row id above the highest', () => {
    const v3 = sampleMetadata({ formatVersion: 3, nextRowId: '0' })
    const add = (addedRows: string) => apply([snapshot('7', { firstRowId: '1', addedRows })], v3)
    expect(add(String(BigInt(MAX_LONG) - 1n)).nextRowId).toBe(MAX_LONG)
    const error = catchAppError(() => add(MAX_LONG))
    expect([error.code, error.message]).toEqual([
      'invalid-request',
      `Adding ${MAX_LONG} rows from row id 1 exceeds the highest possible row id`,
    ])
  })
  it.each<[string, TableUpdate[], TableMetadata]>([
    ['partition field', [spec({ fieldId: MAX_INT }), spec({ name: 'q' })], metadata],
    [
      'schema',
      [{ action: 'add-schema', schema: { schemaId: 0, identifierFieldIds: [], fields: [] } }],
      sampleMetadata({
        currentSchemaId: MAX_INT,
        schemas: metadata.schemas.map((schema) => ({ ...schema, schemaId: MAX_INT })),
      }),
    ],
    [
      'partition spec',
      [spec({})],
      sampleMetadata({ defaultSpecId: MAX_INT, partitionSpecs: [{ specId: MAX_INT, fields: [] }] }),
    ],
    [
      'sort order',
      [
        {
          action: 'add-sort-order',
          sortOrder: {
            orderId: 1,
            fields: [{ sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
          },
        },
      ],
      sampleMetadata({ defaultSortOrderId: MAX_INT, sortOrders: [{ orderId: MAX_INT, fields: [] }] }),
    ],
  ])('an id of a %s above the highest', (_name, updates, to) => {
    const error = catchAppError(() => apply(updates, to))
    expect([error.code, error.message]).toEqual([
      'invalid-request',
      `The highest possible id ${MAX_INT} is taken, so there is no next one`,
    ])
  })
})

describe('what a commit changes is read back before it is written', () => {
  it.each<[string, Partial<TableMetadata>, string]>([
    ['number', { lastColumnId: MAX_INT + 1 }, 'last-column-id'],
    [
      'snapshot',
      { snapshots: [...metadata.snapshots, sampleSnapshot(3, { snapshotId: '7', schemaId: 1.5 })] },
      'schema-id',
    ],
    ['ref', { refs: { ...metadata.refs, late: { snapshotId: '12', type: 'tag' } } }, 'refs.late'],
    ['schema', { currentSchemaId: 9 }, 'current-schema-id'],
    ['spec', { partitionSpecs: [...metadata.partitionSpecs, { specId: MAX_INT + 1, fields: [] }] }, 'spec-id'],
  ])('refuses a %s that cannot be read, and names it', (_name, change, field) => {
    const error = catchAppError(() => requireReadableMetadata({ ...metadata, ...change }, metadata))
    expect(error.code).toBe('invalid-request')
    expect(error.message).toContain('The table would be unreadable after this change')
    expect(error.message).toContain(field)
  })
  it('reads existing parts again only for a new or an upgraded table', () => {
    const statistics = [5 as unknown as { [key: string]: Json }]
    const odd = sampleMetadata({ statistics })
    expect(() => requireReadableMetadata({ ...odd, properties: {} }, odd)).not.toThrow()
    expect(catchAppError(() => requireReadableMetadata(odd, null)).message).toContain('statistics[0]')
    expect(
      catchAppError(() => requireReadableMetadata({ ...odd, formatVersion: 3, nextRowId: '0' }, odd)).message,
    ).toContain('statistics')
  })
  it('reads the properties that changed, not all of them', () => {
    const before = sampleMetadata({ properties: JSON.parse('{"odd":5}') as Record<string, string> })
    const withAnother = { ...before, properties: { ...before.properties, another: 'text' } }
    expect(() => requireReadableMetadata(withAnother, before)).not.toThrow()
    expect(catchAppError(() => requireReadableMetadata(before, { ...before, properties: {} })).message).toContain('odd')
  })
  it('refuses to create a table with a column that is nested too deeply for a metadata file', () => {
    let future: Json = 1
    for (let depth = 0; depth < 510; depth += 1) future = [future]
    const schema = { schemaId: 0, identifierFieldIds: [], fields: [], unknownFields: { future } }
    const create = () => newTableMetadata({ schema, location: 'file:///lake/t', tableUuid: 'x', nowMs: 0 })
    expect(catchAppError(create).message).toContain('nested more than 512 deep')
  })
  it('accepts a table that can be read', () => {
    expect(() => requireReadableMetadata(metadata, metadata)).not.toThrow()
    expect(() => requireReadableMetadata(metadata, null)).not.toThrow()
    expect(writeTableMetadata(metadata)).toBe(writeTableMetadata(sampleMetadata()))
  })
})

it('refuses a schema in which two columns have the same id as a bad request, not as a damaged file', () => {
  const column = { id: 7, required: false, type: 'string' } as const
  const fields = [
    { ...column, name: 'a' },
    { ...column, name: 'b' },
  ]
  const error = catchAppError(() =>
    apply([{ action: 'add-schema', schema: { schemaId: 0, identifierFieldIds: [], fields } }]),
  )
  expect([error.code, error.message]).toEqual(['invalid-request', 'Two fields of the schema have the id 7'])
})
