import { describe, expect, it } from 'vitest'
import { readTableMetadata, writeTableMetadata } from '../metadata/metadata-json'
import { newTableMetadata } from './new-table-metadata'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { Schema } from '../schema/types'

const schema: Schema = {
  schemaId: 5,
  identifierFieldIds: [],
  fields: [
    { id: 10, name: 'date', required: true, type: 'timestamp' },
    { id: 20, name: 'origin', required: false, type: 'string' },
  ],
}
const table = {
  schema,
  location: 'file:///lake/demo/flights/',
  tableUuid: 'eee3ca77-1713-442c-8c2f-ad98d8d36a9b',
  nowMs: 1_700_000_000_000,
}

describe('a new table', () => {
  it('is v2, has no snapshot, and gets fresh ids', () => {
    const metadata = newTableMetadata({
      ...table,
      partitionSpec: { specId: 7, fields: [{ sourceId: 10, fieldId: 3, name: 'date_month', transform: 'month' }] },
      sortOrder: {
        orderId: 7,
        fields: [{ sourceId: 20, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
      },
      properties: { 'format-version': '2', owner: 'ada' },
    })
    expect(metadata).toMatchObject({
      formatVersion: 2,
      location: 'file:///lake/demo/flights',
      lastSequenceNumber: 0,
      lastUpdatedMs: table.nowMs,
      lastColumnId: 2,
      schemas: [{ schemaId: 0, fields: [{ id: 1 }, { id: 2 }] }],
      partitionSpecs: [{ specId: 0, fields: [{ sourceId: 1, fieldId: 1000 }] }],
      lastPartitionId: 1000,
      sortOrders: [{ orderId: 1, fields: [{ sourceId: 2 }] }],
      defaultSortOrderId: 1,
      currentSnapshotId: null,
      properties: { 'write.parquet.compression-codec': 'zstd', owner: 'ada' },
    })
    expect(metadata.properties).not.toHaveProperty('format-version')
    expect(readTableMetadata(writeTableMetadata(metadata))).toEqual(metadata)
  })
  it.each([
    ['1', 1, null],
    ['3', 3, '0'],
  ])('has the requested format version: %s', (requested, formatVersion, nextRowId) => {
    const metadata = newTableMetadata({ ...table, properties: { 'format-version': requested, uuid: 'x' } })
    expect(metadata).toMatchObject({ formatVersion, nextRowId })
    expect(metadata.properties).toEqual({ 'write.parquet.compression-codec': 'zstd' })
    expect(readTableMetadata(writeTableMetadata(metadata))).toEqual(metadata)
  })
  it('is neither partitioned nor sorted if the request has no spec and order', () => {
    const metadata = newTableMetadata({ ...table, properties: { 'write.parquet.compression-codec': 'snappy' } })
    expect(metadata.partitionSpecs).toEqual([{ specId: 0, fields: [] }])
    expect(metadata.lastPartitionId).toBe(999)
    expect(metadata.sortOrders).toEqual([{ orderId: 0, fields: [] }])
    expect(metadata.properties).toEqual({ 'write.parquet.compression-codec': 'snappy' })
  })
})

describe('an invalid new table', () => {
  const inList: Schema = {
    ...schema,
    fields: [
      {
        id: 1,
        name: 'l',
        required: false,
        type: { type: 'list', elementId: 2, element: 'int', elementRequired: false },
      },
    ],
  }
  const partitionBy = (sourceId: number, transform: string) => ({
    specId: 0,
    fields: [{ sourceId, fieldId: 0, name: 'p', transform }],
  })
  it.each([
    [{ ...table, partitionSpec: partitionBy(99, 'identity') }, 'invalid-request', 'No column has the id 99'],
    [{ ...table, partitionSpec: partitionBy(20, 'month') }, 'invalid-request', 'cannot apply month to column origin'],
    [{ ...table, schema: inList, partitionSpec: partitionBy(2, 'identity') }, 'invalid-request', 'inside a list'],
    [
      { ...table, schema: inList, partitionSpec: partitionBy(1, 'identity') },
      'invalid-request',
      'cannot apply identity to column l',
    ],
    [{ ...table, properties: { 'format-version': '4' } }, 'invalid-request', 'Unsupported format version: v4'],
    [{ ...table, properties: { 'format-version': 'two' } }, 'invalid-request', 'not two'],
    [
      { ...table, schema: { ...schema, identifierFieldIds: [20] } },
      'invalid-request',
      'identifier field origin (field 2) is optional',
    ],
    [
      { ...table, schema: { ...schema, fields: [{ id: 1, name: 'v', required: false, type: 'variant' as const }] } },
      'invalid-request',
      'needs format version 3',
    ],
  ])('is refused (%#)', (bad, code, message) => {
    const error = catchAppError(() => newTableMetadata(bad))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)])
  })
})
