import { describe, expect, test } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { createValueGetter, type RowValue } from './row-values'
import { toTableType } from './to-table-type'
import type { Vector } from './vector'

/** Stored values by the physical type that has them. */
type Stored =
  | { INT32: number[] }
  | { INT64: bigint[] }
  | { FLOAT: number[] }
  | { DOUBLE: number[] }
  | { BOOLEAN: number[] }
  | { BYTE_ARRAY: number[][] }
  | { FIXED_LEN_BYTE_ARRAY: number[][] }
  | { INT96: number[][] }

const decimal = (precision: number, scale: number): Annotation => ({ kind: 'decimal', precision, scale })
const timestamp = (unit: 'millis' | 'micros' | 'nanos', isUtc = false): Annotation => ({
  kind: 'timestamp',
  unit,
  isUtc,
})
const time = (unit: 'millis' | 'micros' | 'nanos'): Annotation => ({ kind: 'time', unit, isUtc: false })
const integer = (bits: number, isSigned: boolean): Annotation => ({ kind: 'integer', bits, isSigned })
const DATE: Annotation = { kind: 'date' }

describe('stored values become values of the type', () => {
  test.each<[PrimitiveType, Stored, Annotation | null, RowValue[]]>([
    ['boolean', { BOOLEAN: [0, 1] }, null, [false, true]],
    ['int', { INT32: [-5] }, integer(8, true), [-5]],
    ['int', { INT32: [5] }, integer(32, false), [5]],
    ['long', { INT32: [-5] }, null, [-5n]],
    ['long', { INT32: [-1] }, integer(32, false), [4_294_967_295n]],
    ['long', { INT64: [2n ** 63n - 1n] }, null, [2n ** 63n - 1n]],
    ['float', { FLOAT: [0.5] }, null, [0.5]],
    [
      'float',
      {
        FIXED_LEN_BYTE_ARRAY: [
          [0x00, 0x3e],
          [0x00, 0xfc],
        ],
      },
      { kind: 'float16' },
      [1.5, Number.NEGATIVE_INFINITY],
    ],
    ['double', { FLOAT: [0.5] }, null, [0.5]],
    ['double', { FIXED_LEN_BYTE_ARRAY: [[0x00, 0x3e]] }, { kind: 'float16' }, [1.5]],
    ['unknown', { INT32: [] }, { kind: 'null' }, []],
    ['double', { DOUBLE: [-0] }, null, [-0]],
    ['decimal(4, 2)', { INT32: [-1] }, decimal(4, 2), [-1n]],
    ['decimal(18, 2)', { INT64: [-1n] }, decimal(10, 2), [-1n]],
    ['decimal(38, 2)', { INT32: [7] }, decimal(4, 2), [7n]],
    ['decimal(38, 0)', { INT64: [-7n] }, null, [-7n]],
    ['decimal(20, 0)', { INT64: [5n, -1n] }, integer(64, false), [5n, 2n ** 64n - 1n]],
    ['decimal(10, 0)', { INT32: [-1] }, integer(32, false), [4_294_967_295n]],
    ['decimal(9, 2)', { BYTE_ARRAY: [[0x80], [0x01, 0x00], [0xff, 0xff, 0xff]] }, decimal(9, 2), [-128n, 256n, -1n]],
    ['decimal(38, 0)', { FIXED_LEN_BYTE_ARRAY: [[0x7f, ...zeros(15)]] }, decimal(38, 0), [0x7fn << 120n]],
    ['decimal(20, 1)', { FIXED_LEN_BYTE_ARRAY: [[0xff, 0xff, 0xfe]] }, decimal(6, 1), [-2n]],
    ['date', { INT32: [-719_162] }, DATE, [-719_162]],
    ['time', { INT32: [1] }, time('millis'), [1000n]],
    ['time', { INT64: [1n] }, time('micros'), [1n]],
    ['time', { INT64: [5000n] }, time('nanos'), [5n]],
    ['timestamp', { INT64: [-1n] }, timestamp('millis'), [-1000n]],
    ['timestamp', { INT64: [-1n] }, timestamp('micros'), [-1n]],
    ['timestamp', { INT64: [-5000n] }, timestamp('nanos'), [-5n]],
    ['timestamp', { INT32: [-1] }, DATE, [-86_400_000_000n]],
    ['timestamp_ns', { INT32: [1] }, DATE, [86_400_000_000_000n]],
    ['timestamptz', { INT64: [1n] }, timestamp('micros', true), [1n]],
    ['timestamp_ns', { INT64: [1n] }, timestamp('micros'), [1000n]],
    ['timestamptz_ns', { INT64: [1n] }, timestamp('nanos', true), [1n]],
    ['timestamp_ns', { INT96: [[1, ...zeros(7), 0x8d, 0x3d, 0x25, 0]] }, null, [86_400_000_000_001n]],
    ['string', { BYTE_ARRAY: [[0xc3, 0xa9], []] }, { kind: 'string' }, ['é', '']],
    ['uuid', { FIXED_LEN_BYTE_ARRAY: [zeros(16)] }, { kind: 'uuid' }, ['00000000-0000-0000-0000-000000000000']],
    ['fixed[2]', { FIXED_LEN_BYTE_ARRAY: [[1, 2]] }, null, [Uint8Array.of(1, 2)]],
    ['binary', { BYTE_ARRAY: [[1, 2, 3]] }, null, [Uint8Array.of(1, 2, 3)]],
    ['binary', { FIXED_LEN_BYTE_ARRAY: [[1, 2]] }, null, [Uint8Array.of(1, 2)]],
    ['geometry', { BYTE_ARRAY: [[1, 2, 0, 0, 0, 0, 0, 0, 0]] }, { kind: 'geometry', crs: null }, ['LINESTRING EMPTY']],
    ['geography(srid:4326)', { BYTE_ARRAY: [[1, 7, 0, 0, 0, 0, 0, 0, 0]] }, null, ['GEOMETRYCOLLECTION EMPTY']],
  ])('%s from %o', (type, stored, annotation, expected) => {
    expect(convert(type, stored, annotation)).toEqual(expected)
  })

  test.each<[string, PrimitiveType, Stored, Annotation | null]>([
    ['a decimal of 17 bytes', 'decimal(38, 0)', { BYTE_ARRAY: [[1, ...zeros(16)]] }, decimal(38, 0)],
    ['a decimal of no bytes', 'decimal(38, 0)', { BYTE_ARRAY: [[]] }, decimal(38, 0)],
    ['a value in a column of nulls', 'unknown', { INT32: [1] }, { kind: 'null' }],
  ])('%s is damaged', (_, type, stored, annotation) => {
    expect(() => convert(type, stored, annotation)).toThrow(DamagedParquet)
  })

  test.each<[string, PrimitiveType, Stored, Annotation | null]>([
    ['text for a number', 'int', { BYTE_ARRAY: [[1]] }, null],
    ['a wider integer', 'int', { INT64: [1n] }, null],
    ['a double for a float', 'float', { DOUBLE: [1] }, null],
    ['another scale', 'decimal(9, 2)', { INT32: [1] }, decimal(9, 3)],
    ['a timestamp of 32 bits', 'timestamp', { INT32: [1] }, null],
    ['a number for a geometry', 'geometry', { INT32: [1] }, null],
    ['a UUID of another length', 'uuid', { FIXED_LEN_BYTE_ARRAY: [[1, 2]] }, null],
    ['fixed bytes of another length', 'fixed[3]', { FIXED_LEN_BYTE_ARRAY: [[1, 2]] }, null],
    ['nanoseconds in microseconds', 'timestamp', { INT64: [1001n] }, timestamp('nanos')],
    ['nanoseconds of a time', 'time', { INT64: [1n] }, time('nanos')],
    ['an unsigned integer beyond the signed ones', 'int', { INT32: [-1] }, integer(32, false)],
    ['an unsigned long beyond the signed ones', 'long', { INT64: [-1n] }, integer(64, false)],
    ['microseconds beyond the range of nanoseconds', 'timestamp_ns', { INT64: [2n ** 62n] }, timestamp('micros')],
    ['a type of a later version', 'interval' as PrimitiveType, { INT32: [1] }, null],
  ])('%s, which the type cannot represent, is refused', (_, type, stored, annotation) => {
    expect(() => convert(type, stored, annotation)).toThrow(UnsupportedParquet)
  })
})

function convert(type: PrimitiveType, stored: Stored, annotation: Annotation | null): (RowValue | null)[] {
  const [physicalType, vector] = toVector(stored)
  const lengthBytes = vector.kind === 'fixed' ? vector.widthBytes : 0
  const node: SchemaNode = {
    name: 'c',
    path: ['c'],
    fieldId: 1,
    repetition: 'required',
    maxDefinition: 0,
    maxRepetition: 0,
    annotation,
    children: [],
    leaf: { index: 0, physicalType, lengthBytes },
  }
  const converted = toTableType(type, node, () => undefined)(vector)
  const valueAt = createValueGetter(converted, type, () => undefined)
  return Array.from({ length: converted.length }, (_, i) => valueAt(i))
}

function toVector(stored: Stored): [PhysicalType, Vector] {
  const common = { length: Object.values(stored)[0].length, validity: null }
  if ('BOOLEAN' in stored) return ['BOOLEAN', { ...common, kind: 'boolean', data: Uint8Array.from(stored.BOOLEAN) }]
  if ('INT32' in stored) return ['INT32', { ...common, kind: 'int32', data: Int32Array.from(stored.INT32) }]
  if ('INT64' in stored) return ['INT64', { ...common, kind: 'int64', data: BigInt64Array.from(stored.INT64) }]
  if ('FLOAT' in stored) return ['FLOAT', { ...common, kind: 'float32', data: Float32Array.from(stored.FLOAT) }]
  if ('DOUBLE' in stored) return ['DOUBLE', { ...common, kind: 'float64', data: Float64Array.from(stored.DOUBLE) }]
  if ('BYTE_ARRAY' in stored) {
    const lengths = stored.BYTE_ARRAY.map(({ length }) => length)
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0))
    const bytes = Uint8Array.from(stored.BYTE_ARRAY.flat())
    return ['BYTE_ARRAY', { ...common, kind: 'bytes', offsets: Int32Array.of(0, ...ends), bytes }]
  }
  const [physicalType, values] =
    'INT96' in stored
      ? (['INT96', stored.INT96] as const)
      : (['FIXED_LEN_BYTE_ARRAY', stored.FIXED_LEN_BYTE_ARRAY] as const)
  const widthBytes = values[0]?.length ?? 1
  return [physicalType, { ...common, kind: 'fixed', widthBytes, bytes: Uint8Array.from(values.flat()) }]
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0)
}
