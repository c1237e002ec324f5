import { describe, expect, it } from 'vitest'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { storedValueText } from './stored-value'

const column = (physicalType: PhysicalType, annotation: Annotation | null = null): SchemaNode => ({
  name: 'c',
  path: ['c'],
  fieldId: 1,
  repetition: 'optional',
  maxDefinition: 1,
  maxRepetition: 0,
  annotation,
  children: [],
  leaf: { index: 0, physicalType, lengthBytes: 0 },
})

const int32 = (value: number) => new Uint8Array(Int32Array.of(value).buffer)
const int64 = (value: bigint) => new Uint8Array(BigInt64Array.of(value).buffer)
const utf8 = (text: string) => new TextEncoder().encode(text)
const int96 = (nanos: bigint, julianDay: number) => Uint8Array.from([...int64(nanos), ...int32(julianDay)])

describe('A stored value', () => {
  it.each<[string, SchemaNode, Uint8Array, string]>([
    ['a boolean', column('BOOLEAN'), Uint8Array.of(1), 'true'],
    ['an integer', column('INT32'), int32(-7), '-7'],
    ['an unsigned integer', column('INT32', { kind: 'integer', bits: 32, isSigned: false }), int32(-1), '4294967295'],
    ['a date', column('INT32', { kind: 'date' }), int32(17_486), '2017-11-16'],
    ['a long beyond 2^53', column('INT64'), int64(9_007_199_254_740_993n), '9007199254740993'],
    [
      'the largest unsigned long',
      column('INT64', { kind: 'integer', bits: 64, isSigned: false }),
      int64(-1n),
      '18446744073709551615',
    ],
    ['a float', column('FLOAT'), new Uint8Array(Float32Array.of(0.1).buffer), '0.1'],
    ['a double', column('DOUBLE'), new Uint8Array(Float64Array.of(-0).buffer), '-0'],
    ['a decimal in an int', column('INT32', { kind: 'decimal', precision: 9, scale: 2 }), int32(-5), '-0.05'],
    [
      'a decimal in bytes',
      column('FIXED_LEN_BYTE_ARRAY', { kind: 'decimal', precision: 38, scale: 1 }),
      Uint8Array.from([0xff, ...Array<number>(15).fill(0xff)]),
      '-0.1',
    ],
    ['a whole decimal', column('INT64', { kind: 'decimal', precision: 18, scale: 0 }), int64(12n), '12'],
    [
      'a timestamp in milliseconds',
      column('INT64', { kind: 'timestamp', isUtc: false, unit: 'millis' }),
      int64(1_510_871_468_000n),
      '2017-11-16 22:31:08',
    ],
    [
      'a timestamp in nanoseconds',
      column('INT64', { kind: 'timestamp', isUtc: true, unit: 'nanos' }),
      int64(1_510_871_468_000_001_001n),
      '2017-11-16 22:31:08.000001001+00:00',
    ],
    [
      'a time in nanoseconds',
      column('INT64', { kind: 'time', isUtc: true, unit: 'nanos' }),
      int64(81_068_000_001_001n),
      '22:31:08.000001001',
    ],
    [
      'a time in milliseconds',
      column('INT32', { kind: 'time', isUtc: false, unit: 'millis' }),
      int32(500),
      '00:00:00.500000',
    ],
    ['a timestamp of old writers', column('INT96'), int96(1_000_000_001n, 2_440_589), '1970-01-02 00:00:01.000000001'],
    ['a string', column('BYTE_ARRAY', { kind: 'string' }), utf8('Übung'), 'Übung'],
    ['a string that was cut in a character', column('BYTE_ARRAY', { kind: 'string' }), utf8('aÜ').subarray(0, 2), 'a'],
    ['a string that is not UTF-8', column('BYTE_ARRAY', { kind: 'string' }), Uint8Array.of(0xc0, 0x41), '0xc041'],
    ['an empty string', column('BYTE_ARRAY', { kind: 'string' }), utf8(''), ''],
    ['bytes', column('BYTE_ARRAY'), Uint8Array.of(0, 255), '0x00ff'],
    [
      'a UUID',
      column('FIXED_LEN_BYTE_ARRAY', { kind: 'uuid' }),
      Uint8Array.from({ length: 16 }, (_, i) => i),
      '00010203-0405-0607-0809-0a0b0c0d0e0f',
    ],
    ['a half', column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }), Uint8Array.of(0x00, 0xbe), '-1.5'],
    [
      'the smallest half',
      column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }),
      Uint8Array.of(0x01, 0x00),
      String(2 ** -24),
    ],
    ['an infinite half', column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }), Uint8Array.of(0x00, 0x7c), 'Infinity'],
  ])('is shown by the type of the file: %s', (_, node, bytes, text) => {
    expect(storedValueText(node, bytes, 'UTC')).toBe(text)
  })

  it.each<[string, SchemaNode, Uint8Array]>([
    ['a number of another length', column('INT64'), int32(1)],
    ['a boolean of two bytes', column('BOOLEAN'), Uint8Array.of(1, 0)],
    ['an empty decimal', column('BYTE_ARRAY', { kind: 'decimal', precision: 9, scale: 2 }), new Uint8Array()],
    ['a half of three bytes', column('FIXED_LEN_BYTE_ARRAY', { kind: 'float16' }), Uint8Array.of(1, 2, 3)],
  ])('that cannot be one of its column is shown as its bytes: %s', (_, node, bytes) => {
    expect(storedValueText(node, bytes, 'UTC')).toMatch(/^0x[0-9a-f]* \(not a value of the column\)$/)
  })

  it('is shortened when it is long', () => {
    expect(storedValueText(column('BYTE_ARRAY', { kind: 'string' }), utf8('x'.repeat(1_000)), 'UTC')).toBe(
      `${'x'.repeat(200)}…`,
    )
  })
})
