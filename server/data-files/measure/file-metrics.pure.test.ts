import { expect, it } from 'vitest'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { MeasuredLeaf } from '@/server/parquet/transcode/chunk-summary'
import { listLeafColumns, toFileMetrics } from './file-metrics'

const FULL = { byColumn: {}, fallback: { kind: 'full' as const } }

function schemaOf(type: Type) {
  const field: NestedField = { id: 1, name: 'x', required: false, type }
  return { schemaId: 0, identifierFieldIds: [], fields: [field] }
}

function leaf(physicalType: MeasuredLeaf['physicalType'], min: number[], max: number[], path = ['x']): MeasuredLeaf {
  const extremes = { min: Uint8Array.from(min), max: Uint8Array.from(max) }
  return { path, physicalType, valueCount: 3, nullCount: 1, nanCount: 0, extremes }
}

function boundsOf(type: PrimitiveType, measured: MeasuredLeaf) {
  const { lowerBounds, upperBounds } = toFileMetrics(listLeafColumns(schemaOf(type), FULL), [measured])
  return [lowerBounds, upperBounds].map((bounds) => decodeSingleValue(type, bounds.get(1) ?? new Uint8Array()))
}

it('The bounds of decimals are the same however wide the file stores them', () => {
  const sixteen = (byte: number, last: number[]) => [...Array.from({ length: 16 - last.length }, () => byte), ...last]
  expect(boundsOf('decimal(4, 2)', leaf('INT32', [0xfe, 0xff, 0xff, 0xff], [0x00, 0x01, 0, 0]))).toEqual([-2n, 256n])
  expect(
    boundsOf('decimal(18, 2)', leaf('INT64', [0xfe, 255, 255, 255, 255, 255, 255, 255], [0, 1, 0, 0, 0, 0, 0, 0])),
  ).toEqual([-2n, 256n])
  expect(boundsOf('decimal(38, 10)', leaf('FIXED_LEN_BYTE_ARRAY', sixteen(0xff, [0xfe]), sixteen(0, [1, 0])))).toEqual([
    -2n,
    256n,
  ])
})

it('Numbers, booleans, uuids and texts have the bounds of their values', () => {
  const long = (first: number) => [first, 0, 0, 0, 0, 0, 0, 0x40]
  expect(boundsOf('timestamptz_ns', leaf('INT64', long(1), long(2)))).toEqual([2n ** 62n + 1n, 2n ** 62n + 2n])
  expect(boundsOf('boolean', leaf('BOOLEAN', [0], [1]))).toEqual([false, true])
  expect(boundsOf('string', leaf('BYTE_ARRAY', [0x61], [0xc3, 0xa9]))).toEqual(['a', 'é'])
  const uuid = Array.from({ length: 16 }, (_, i) => i)
  expect(boundsOf('uuid', leaf('FIXED_LEN_BYTE_ARRAY', uuid, uuid))[0]).toBe('00010203-0405-0607-0809-0a0b0c0d0e0f')
})

it('Values in a list are counted but have no bounds', () => {
  const list: Type = { type: 'list', elementId: 2, element: 'double', elementRequired: false }
  const metrics = toFileMetrics(listLeafColumns(schemaOf(list), FULL), [
    leaf('DOUBLE', [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], ['x', 'list', 'element']),
  ])
  expect(Object.fromEntries(metrics.valueCounts)).toEqual({ 2: 3 })
  expect(Object.fromEntries(metrics.nullValueCounts)).toEqual({ 2: 1 })
  expect([metrics.lowerBounds.size, metrics.upperBounds.size, metrics.nanValueCounts.size]).toEqual([0, 0, 0])
})

it('A column that the file does not have is an error', () => {
  expect(() => toFileMetrics(listLeafColumns(schemaOf('int'), FULL), [])).toThrow('the file has no column x')
})
