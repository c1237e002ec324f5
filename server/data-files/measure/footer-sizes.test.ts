import { expect, it } from 'vitest'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { ColumnChunk, ParquetFooter } from '@/lib/parquet/footer'
import type { PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { sizesFromFooter } from './footer-sizes'

const fields = indexFields({
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'origin', required: false, type: 'string' },
  ],
})

it('counts values at their width, and strings at the length in the size statistics', () => {
  const footer = toFooter([
    [leaf('id', 1, 'INT64', 0), chunk({ valueCount: 10, statistics: nullStatistics(0) })],
    [leaf('origin', 2, 'BYTE_ARRAY', 1), chunk({ valueCount: 10, statistics: nullStatistics(2), byteArrayBytes: 24 })],
  ])
  expect(sizesFromFooter(footer, fields)).toEqual({
    plainBytes: 80 + 24,
    plainSource: 'size-statistics',
    encodedBytes: 400,
    storedBytes: 200,
    codecs: { id: 'zstd', origin: 'zstd' },
  })
})

it('estimates the length of strings without size statistics, and marks the result as estimated', () => {
  const footer = toFooter([
    [leaf('origin', 2, 'BYTE_ARRAY', 1), chunk({ valueCount: 20, encodedBytes: 140, statistics: nullStatistics(0) })],
  ])
  expect(sizesFromFooter(footer, fields)).toMatchObject({ plainBytes: 60, plainSource: 'estimated' })
})

it('estimates the length of strings with a dictionary from both bounds', () => {
  const statistics = { ...nullStatistics(0), min: new Uint8Array(2), max: new Uint8Array(6) }
  const footer = toFooter([
    [leaf('origin', 2, 'BYTE_ARRAY', 1), chunk({ valueCount: 20, encodings: ['RLE_DICTIONARY'], statistics })],
  ])
  expect(sizesFromFooter(footer, fields)).toMatchObject({ plainBytes: 80, plainSource: 'estimated' })
})

it('names columns by the table’s current schema, not by the file’s schema', () => {
  const footer = toFooter([[leaf('from_airport', 2, 'BYTE_ARRAY', 1), chunk({ codec: 'snappy', byteArrayBytes: 1 })]])
  expect(sizesFromFooter(footer, fields).codecs).toEqual({ origin: 'snappy' })
})

it('uses the count that our own writer stored in the file', () => {
  const footer = toFooter([[leaf('origin', 2, 'BYTE_ARRAY', 1), chunk({})]])
  const keyValues = [{ key: 'lakeshore.plain-bytes', value: '0000000000000123' }]
  expect(sizesFromFooter({ ...footer, keyValues }, fields)).toMatchObject({ plainBytes: 123, plainSource: 'counted' })
})

function leaf(name: string, fieldId: number, physicalType: PhysicalType, maxDefinition: number): SchemaNode {
  return {
    name,
    path: [name],
    fieldId,
    repetition: maxDefinition === 0 ? 'required' : 'optional',
    maxDefinition,
    maxRepetition: 0,
    annotation: null,
    children: [],
    leaf: { index: 0, physicalType, lengthBytes: 0 },
  }
}

function nullStatistics(nullCount: number) {
  return { nullCount, distinctCount: null, min: null, max: null, signedMin: null, signedMax: null }
}

function chunk(change: Partial<ColumnChunk>): ColumnChunk {
  return {
    leaf: 0,
    codec: 'zstd',
    encodings: ['PLAIN'],
    isAllDictionary: null,
    valueCount: 10,
    encodedBytes: 200,
    storedBytes: 100,
    startOffset: 4,
    dataPageOffset: 4,
    dictionaryPageOffset: null,
    statistics: null,
    byteArrayBytes: null,
    offsetIndex: null,
    columnIndex: null,
    bloomFilter: null,
    ...change,
  }
}

function toFooter(columns: [SchemaNode, ColumnChunk][]): ParquetFooter {
  const leaves = columns.map(([node]) => node)
  return {
    formatVersion: 2,
    createdBy: null,
    rowCount: 10,
    schema: { ...leaf('root', 0, 'INT32', 0), children: leaves, leaf: null },
    leaves,
    rowGroups: [{ rowCount: 10, firstRow: 0, columns: columns.map(([, one], index) => ({ ...one, leaf: index })) }],
    keyValues: [],
    hasTypeOrder: [],
    footerBytes: 100,
  }
}
