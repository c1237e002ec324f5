import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { Type } from '@/lib/iceberg/schema/types'
import { createValueGetter } from './row-values'
import { type BytesVector, isValid, takeValues, ValidityBuilder, type Vector } from './vector'

test('a run of nulls is the same as its nulls one by one', () => {
  const run = fc.record({ from: fc.nat(60), count: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), (runs) => {
      const validity = new ValidityBuilder(100)
      const isNull = new Array<boolean>(100).fill(false)
      for (const { from, count } of runs) {
        validity.setNulls(from, count)
        isNull.fill(true, from, from + count)
      }
      const bits = validity.finish()
      expect(isNull.map((_, i) => !isValid(bits, i))).toEqual(isNull)
    }),
    propertyRuns(),
  )
})

test('values take no memory until one is null', () => {
  const validity = new ValidityBuilder(10)
  validity.setNulls(3, 0)
  expect(validity.finish()).toBeNull()
})

const LENGTH = 6
/** Valid, valid, null, valid, null, valid. */
const VALIDITY = Uint8Array.of(0b101011)
const BYTES: BytesVector = {
  kind: 'bytes',
  length: LENGTH,
  validity: VALIDITY,
  offsets: Int32Array.of(0, 1, 3, 3, 3, 3, 6),
  bytes: new TextEncoder().encode('abbfff'),
}
const INTS: Vector = { kind: 'int32', length: LENGTH, validity: VALIDITY, data: Int32Array.of(1, 2, 0, 4, 0, 6) }
const numbers = [1, 2, 3, 4, 5, 6] as const
const base = { length: LENGTH, validity: VALIDITY }
const LIST: Type = { type: 'list', elementId: 2, elementRequired: false, element: 'string' }
const STRUCT: Type = {
  type: 'struct',
  fields: [
    { id: 2, name: 'i', required: false, type: 'int' },
    { id: 3, name: 's', required: false, type: 'string' },
  ],
}
const MAP: Type = { type: 'map', keyId: 2, key: 'int', valueId: 3, value: 'string', valueRequired: false }

describe('Taking values from a vector', () => {
  test.each<[string, Type, Vector]>([
    ['boolean', 'boolean', { ...base, kind: 'boolean', data: Uint8Array.of(1, 0, 0, 1, 0, 1) }],
    ['int32', 'int', INTS],
    ['int64', 'long', { ...base, kind: 'int64', data: BigInt64Array.from(numbers, (n) => 2n ** 62n + BigInt(n)) }],
    ['float32', 'float', { ...base, kind: 'float32', data: Float32Array.from(numbers, (n) => n + 0.5) }],
    ['float64', 'double', { ...base, kind: 'float64', data: Float64Array.of(-0, Number.NaN, 0, 0.1, 0, 1e308) }],
    [
      'int128',
      'decimal(38, 0)',
      { ...base, kind: 'int128', data: BigInt64Array.from(numbers.flatMap((n) => [BigInt(-n), BigInt(n)])) },
    ],
    [
      'fixed',
      'fixed[2]',
      { ...base, kind: 'fixed', widthBytes: 2, bytes: Uint8Array.from(numbers.flatMap((n) => [n, 10 * n])) },
    ],
    ['bytes', 'string', BYTES],
    [
      'dictionary',
      'string',
      {
        ...base,
        kind: 'dictionary',
        indexes: Int32Array.of(5, 1, 0, 5, 0, 1),
        dictionary: { ...BYTES, validity: null },
      },
    ],
    ['constant', 'string', { kind: 'constant', length: LENGTH, value: 'x' }],
    ['struct', STRUCT, { ...base, kind: 'struct', fields: [INTS, BYTES] }],
    ['list', LIST, { ...base, kind: 'list', offsets: Int32Array.of(0, 2, 2, 2, 3, 3, 6), element: BYTES }],
    [
      'map',
      MAP,
      {
        ...base,
        kind: 'map',
        offsets: Int32Array.of(0, 1, 3, 3, 3, 3, 6),
        key: { ...INTS, validity: null },
        value: BYTES,
      },
    ],
  ])('of the kind %s keeps them and their nulls', (_, type, vector) => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5]), (indexes) => {
        let reservedBytes = 0
        const taken = takeValues(vector, Int32Array.from(indexes), (bytes) => (reservedBytes += bytes))
        const read = (from: Vector, at: readonly number[]) => at.map(createValueGetter(from, type, () => undefined))
        expect(taken.length).toBe(indexes.length)
        expect(read(taken, [...indexes.keys()])).toEqual(read(vector, indexes))
        expect(reservedBytes > 0 || indexes.length === 0 || vector.kind === 'constant').toBe(true)
      }),
      propertyRuns(),
    )
  })
})
