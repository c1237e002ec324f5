import { expect, it } from 'vitest'
import { binary, bool, int, list, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import { readBloomFilterHeader } from './bloom-filter'
import { readColumnIndex } from './column-index'

const bounds = { 2: list(binary([1]), binary([])), 3: list(binary([9]), binary([])) }

it('A column index has the bounds of every page, and none for a page of nulls', () => {
  const bytes = writeStruct({ 1: list(bool(false), bool(true)), ...bounds, 4: int(1), 5: list(int(0), int(20)) })
  expect(readColumnIndex(bytes)).toEqual({
    order: 'ascending',
    pages: [
      { isNull: false, min: Uint8Array.of(1), max: Uint8Array.of(9), nullCount: 0 },
      { isNull: true, min: null, max: null, nullCount: 20 },
    ],
  })
})

it('A column index may leave the null counts out', () => {
  const bytes = writeStruct({ 1: list(bool(false), bool(true)), ...bounds, 4: int(0) })
  expect(readColumnIndex(bytes).pages.map(({ nullCount }) => nullCount)).toEqual([null, null])
})

it.each([
  ['lists of different lengths', { 1: list(bool(false)), ...bounds, 4: int(0) }, 'different lengths'],
  ['an unknown order', { 1: list(bool(false), bool(true)), ...bounds, 4: int(7) }, 'unknown order'],
  ['numbers for booleans', { 1: list(int(1), int(0)), ...bounds, 4: int(0) }, 'not a list of booleans'],
])('A column index with %s is refused', (_, fields, reason) => {
  expect(() => readColumnIndex(writeStruct(fields))).toThrow(reason)
})

const known = () => struct({ 1: struct({}) })

it('A bloom filter says how long its bits are', () => {
  const header = writeStruct({ 1: int(1024), 2: known(), 3: known(), 4: known() })
  expect(readBloomFilterHeader(Uint8Array.from([...header, 0xff, 0xff]))).toEqual({
    headerBytes: header.length,
    bitsetBytes: 1024,
    isKnownKind: true,
  })
})

it.each([
  ['no blocks', { 1: int(0), 2: known(), 3: known(), 4: known() }, 'wrong length 0'],
  ['a part of a block', { 1: int(33), 2: known(), 3: known(), 4: known() }, 'wrong length 33'],
])('A bloom filter with %s is refused', (_, fields, reason) => {
  expect(() => readBloomFilterHeader(writeStruct(fields))).toThrow(reason)
})

it('A bloom filter of another kind is known as such', () => {
  const header = writeStruct({ 1: int(32), 2: known(), 3: struct({ 2: struct({}) }), 4: known() })
  expect(readBloomFilterHeader(header).isKnownKind).toBe(false)
})
