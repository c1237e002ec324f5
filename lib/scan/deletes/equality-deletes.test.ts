import { describe, expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { Vector } from '../read/vector'
import { DeletedKeys, toEqualityColumn } from './equality-deletes'

const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })

/** A bit is 0 for each null. */
function validityOf(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8))
  values.forEach((value, i) => {
    if (value !== null) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bits
}
const ints = (...values: (number | null)[]): Vector => ({
  kind: 'int32',
  length: values.length,
  validity: validityOf(values),
  data: Int32Array.from(values, (value) => value ?? 7),
})
const doubles = (...values: number[]): Vector => ({
  kind: 'float64',
  length: values.length,
  validity: null,
  data: Float64Array.from(values),
})
function strings(...values: (string | null)[]): Vector {
  const encoded = values.map((value) => new TextEncoder().encode(value ?? ''))
  const offsets = Int32Array.from([
    0,
    ...encoded.map((_, i) => encoded.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0)),
  ])
  const bytes = Uint8Array.from(encoded.flatMap((value) => [...value]))
  return { kind: 'bytes', length: values.length, validity: validityOf(values), offsets, bytes }
}

/** Whether each row is deleted by the keys, for columns of the given types. */
function findDeleted(types: readonly Type[], keys: readonly Vector[], rows: readonly Vector[]): boolean[] {
  const columns = types.map((type, i) => {
    const column = toEqualityColumn([field(i + 1, `c${i}`, type)], i + 1)
    if (!column) throw new Error('not a column that can be compared')
    return column
  })
  const deleted = new DeletedKeys(columns)
  deleted.add(keys, keys[0]?.length ?? 0)
  const isDeleted = deleted.createTest(rows)
  return Array.from({ length: rows[0]?.length ?? 0 }, (_, row) => isDeleted(row))
}

describe('A row is deleted by equality', () => {
  test('when its column has the value, null included', () => {
    expect(findDeleted(['int'], [ints(3, null)], [ints(1, 3, null, 7)])).toEqual([false, true, true, false])
    expect(findDeleted(['int'], [ints(7)], [ints(null, 7)])).toEqual([false, true])
  })

  test('when all its columns have the values, however the texts lie together', () => {
    const keys = [strings('a', 'ab', null), strings('bc', 'c', 'null')]
    const rows = [strings('a', 'ab', 'abc', null, 'null'), strings('bc', 'c', '', 'null', null)]
    expect(findDeleted(['string', 'string'], keys, rows)).toEqual([true, true, false, true, false])
  })

  test('as Java compares numbers: NaN equals NaN, and −0.0 is not 0.0', () => {
    expect(findDeleted(['double'], [doubles(Number.NaN, -0)], [doubles(Number.NaN, 0, -0, 1)])).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})

describe('A column that deletes can compare', () => {
  const fields = [
    field(1, 'a', 'int'),
    field(2, 's', {
      type: 'struct',
      fields: [
        field(3, 'x', 'string'),
        field(4, 't', { type: 'struct', fields: [field(5, 'y', 'long'), field(6, 'z', 'int')] }),
      ],
    }),
    field(7, 'l', { type: 'list', elementId: 8, element: 'int', elementRequired: false }),
  ]

  test('lies at the top or inside structs, and is read alone', () => {
    expect(toEqualityColumn(fields, 1)).toEqual({ field: fields[0], type: 'int', depth: 0 })
    expect(toEqualityColumn(fields, 5)).toEqual({
      field: field(2, 's', {
        type: 'struct',
        fields: [field(4, 't', { type: 'struct', fields: [field(5, 'y', 'long')] })],
      }),
      type: 'long',
      depth: 2,
    })
  })

  test('is primitive, and not in a list', () => {
    expect([2, 7, 8, 99].map((id) => toEqualityColumn(fields, id))).toEqual([null, null, null, null])
  })

  test('is null where a struct around it is', () => {
    const column = toEqualityColumn(fields, 3)
    if (!column) throw new Error('no column')
    const structs = (validity: Uint8Array | null, ...values: (string | null)[]): Vector => ({
      kind: 'struct',
      length: values.length,
      validity,
      fields: [strings(...values)],
    })
    const deleted = new DeletedKeys([column])
    deleted.add([structs(Uint8Array.of(0b0), 'x')], 1)
    const isDeleted = deleted.createTest([structs(Uint8Array.of(0b011), 'x', null, 'y')])
    expect([0, 1, 2].map(isDeleted)).toEqual([false, true, true])
  })
})
