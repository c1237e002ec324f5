import { describe, expect, test } from 'vitest'
import { text, writeStruct } from '@/testing/parquet/thrift-writer'
import { DamagedParquet } from './errors'
import { readThrift, type ThriftStruct } from './thrift'

const read = (...bytes: number[]) => readThrift(Uint8Array.from(bytes)).struct

const TRUE_1 = [0x11]
const I64_2 = [0x16, 0x8c, 0x01]
const DOUBLE_3 = [0x17, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]
const TEXT_4 = [0x18, 2, 0x68, 0x69]
const LIST_5 = [0x19, 0x25, 2, 3]
const STRUCT_6 = [0x1c, 0x15, 2, 0]
const I8_7 = [0x13, 0xff]

describe('structs of the compact protocol', () => {
  test('contain booleans, integers, doubles, bytes, lists and structs by field number', () => {
    const struct = read(...TRUE_1, ...I64_2, ...DOUBLE_3, ...TEXT_4, ...LIST_5, ...STRUCT_6, ...I8_7, 0)
    expect([struct.bool(1), struct.int(2), struct.int(3), struct.text(4)]).toEqual([true, 70, 1, 'hi'])
    expect([struct.ints(5), struct.struct(6)?.int(1), struct.int(7)]).toEqual([[1, -2], 1, -1])
    expect([struct.has(8), struct.int(8), struct.structs(9)]).toEqual([false, undefined, undefined])
  })

  test.each(['\uFEFFid', 'id\uFEFF', 'ø\u0000'])('contain texts in full: %j', (value) => {
    expect(readThrift(writeStruct({ 4: text(value) })).struct.text(4)).toBe(value)
  })

  test('of a deferred list are the same, and the fields after it, too', () => {
    // Field 1: a list of two structs with all types; then a list of none.
    const element = [...TRUE_1, ...I64_2, ...DOUBLE_3, ...TEXT_4, ...LIST_5, ...STRUCT_6, ...I8_7, 0]
    const bytes = Uint8Array.from([0x19, 0x2c, ...element, ...element, 0x19, 0x0c, 0x15, 6, 0])
    const { struct, end } = readThrift(bytes, 0, 1)
    expect([struct.structCount(1), struct.structCount(2), struct.structCount(9), end]).toEqual([2, 0, 0, bytes.length])
    expect(struct.int(3)).toBe(3)
    const describeElement = (one: ThriftStruct) => [one.bool(1), one.int(2), one.text(4), one.ints(5), one.int(7)]
    const elements = [...struct.eachStruct(1)].map(describeElement)
    const expected = [true, 70, 'hi', [1, -2], -1]
    expect(elements).toEqual([expected, expected])
    expect((readThrift(bytes).struct.structs(1) ?? []).map(describeElement)).toEqual(elements)
  })

  test.each([
    ['ends early', [0x19, 0x1c, 0x15]],
    ['has a string longer than the remaining bytes', [0x19, 0x1c, 0x18, 0x7f, 0x61]],
    ['nests endlessly', [0x19, 0x1c, ...Array.from({ length: 100 }, () => 0x1c)]],
    ['has a value of an invalid type', [0x19, 0x1c, 0x1e, 0, 0]],
    ['has integers', [0x19, 0x15, 2, 0]],
  ])('are refused when a deferred list %s', (_, bytes) => {
    expect(() => readThrift(Uint8Array.from(bytes), 0, 1)).toThrow(DamagedParquet)
  })

  test('an integer beyond 2^53 is refused when it is read, not rounded', () => {
    const struct = read(0x16, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0)
    expect(() => struct.int(1)).toThrow('below 2^53')
  })

  test('a field of another type than expected is an error', () => {
    const struct = read(0x15, 2, 0)
    for (const read of [
      () => struct.bool(1),
      () => struct.bytes(1),
      () => struct.struct(1),
      () => struct.structs(1),
      () => struct.count(2, 'a count'),
    ]) {
      expect(read).toThrow(DamagedParquet)
    }
    expect(() => read(0x15, 3, 0).count(1, 'a count')).toThrow('a count is negative (-2)')
    expect(() => read(0x19, 0x15, 2, 0).structs(1)).toThrow('not a list of structs')
    expect(() => read(0x19, 0x18, 0, 0).ints(1)).toThrow('not a list of integers')
    expect(() => read(0x19, 0x15, 2, 0).bytesList(1)).toThrow('not a list of strings')
  })

  test.each([
    ['bytes that end early', [0x15]],
    ['a string longer than the remaining bytes', [0x18, 0x7f, 0x61]],
    ['a list longer than the remaining bytes', [0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f]],
    ['a double that ends early', [0x17, 0, 0, 0, 0]],
    ['an invalid type', [0x1e, 0]],
    ['an endless integer', [0x16, ...Array.from({ length: 20 }, () => 0xff)]],
    ['endlessly nested structs', Array.from({ length: 100 }, () => 0x1c)],
    ['endlessly nested lists', [0x19, ...Array.from({ length: 100 }, () => 0x19)]],
    ['an invalid field number', [0x05, 0xff, 0xff, 0x7f, 0]],
  ])('refuse %s', (_, bytes) => {
    expect(() => read(...bytes)).toThrow(DamagedParquet)
  })
})
