import { describe, expect, test } from 'vitest'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { joinVectors } from './join-vectors'
import { createValueGetter } from './row-values'
import type { BytesVector, Vector } from './vector'
import { vectorOf } from './vector-of'
import type { RowValue } from './row-value'

const free = () => undefined

function valuesOf(vector: Vector, type: Type): (RowValue | null)[] {
  const valueAt = createValueGetter(vector, type, free)
  return Array.from({ length: vector.length }, (_, i) => valueAt(i))
}

describe('Joined vectors', () => {
  const cases: [type: PrimitiveType, parts: (RowValue | null)[][]][] = [
    ['boolean', [[true, null, false], [true], [null]]],
    ['int', [[-2_147_483_648, 0], [], [null, 2_147_483_647]]],
    ['long', [[2n ** 62n + 1n], [null, -9_007_199_254_740_993n]]],
    ['float', [[Math.fround(0.1)], [null, Number.NEGATIVE_INFINITY]]],
    ['double', [[0.1, null], [1e308]]],
    [
      'decimal(38, 2)',
      [
        [10n ** 37n, null],
        [-1n, -(10n ** 37n)],
      ],
    ],
    ['uuid', [['00112233-4455-6677-8899-aabbccddeeff'], [null]]],
    ['string', [['', 'Zürich', null], ['東京'], [], ['x'.repeat(5_000), null]]],
    ['binary', [[Uint8Array.of(0, 255)], [null, new Uint8Array(0), Uint8Array.of(7)]]],
  ]
  test.each(cases)('of %s have the values one after another', (type, parts) => {
    const joined = joinVectors(
      parts.map((values) => vectorOf(type, values)),
      free,
    )
    expect(joined && valuesOf(joined, type)).toEqual(parts.flat())
  })

  test('keep nulls in their rows when some of them have none', () => {
    const parts = [7, 9, 8, 1].map((count, part) =>
      Array.from({ length: count }, (_, i) => (part % 2 === 1 && i % 3 === 0 ? null : i)),
    )
    const joined = joinVectors(
      parts.map((values) => vectorOf('int', values)),
      free,
    )
    expect(joined && valuesOf(joined, 'int')).toEqual(parts.flat())
    expect(joinVectors([vectorOf('int', [1]), vectorOf('int', [2])], free)).toMatchObject({ validity: null })
  })

  test('of several dictionaries have one, with each dictionary once', () => {
    const [first, second] = [dictionaryOf(['Oslo', '', 'Bern']), dictionaryOf(['Bern', 'Lima'])]
    const parts = [
      indexed(first, [2, 0, 0]),
      indexed(second, [1, 0], Uint8Array.of(0b01)),
      indexed(first, [1]),
      indexed(second, [1]),
    ]
    const joined = joinVectors(parts, free)
    expect(joined && valuesOf(joined, 'string')).toEqual(['Bern', 'Oslo', 'Oslo', 'Lima', null, '', 'Lima'])
    expect(joined).toMatchObject({ kind: 'dictionary', dictionary: { length: 5 } })
  })

  test('of one dictionary share it', () => {
    const dictionary = dictionaryOf(['Oslo', 'Bern'])
    const joined = joinVectors([indexed(dictionary, [1]), indexed(dictionary, [0, 1])], free)
    expect(joined?.kind === 'dictionary' && joined.dictionary).toBe(dictionary)
  })

  test('of a constant are the constant, and different constants stay apart', () => {
    const constant = (value: RowValue | null): Vector => ({ kind: 'constant', length: 2, value })
    expect(joinVectors([constant('a'), constant('a')], free)).toEqual({ kind: 'constant', length: 4, value: 'a' })
    expect(joinVectors([constant('a'), constant('b')], free)).toBeNull()
    expect(joinVectors([constant(null), vectorOf('int', [1])], free)).toBeNull()
  })

  test('of several kinds, and of nested values, stay apart', () => {
    const dictionary = dictionaryOf(['Oslo'])
    expect(joinVectors([vectorOf('string', ['a']), indexed(dictionary, [0])], free)).toBeNull()
    expect(joinVectors([vectorOf('fixed[1]', [Uint8Array.of(1)]), vectorOf('uuid', [null])], free)).toBeNull()
    const list = vectorOf({ type: 'list', elementId: 2, element: 'int', elementRequired: false }, [[1]])
    expect(joinVectors([list, list], free)).toBeNull()
  })

  test('reserve their memory first', () => {
    const refuse = () => {
      throw new Error('too much')
    }
    expect(() => joinVectors([vectorOf('long', [1n]), vectorOf('long', [2n])], refuse)).toThrow('too much')
  })
})

function dictionaryOf(texts: readonly string[]): BytesVector {
  const vector = vectorOf('string', texts)
  if (vector.kind !== 'bytes') throw new Error(`it is ${vector.kind}`)
  return vector
}

function indexed(dictionary: BytesVector, indexes: readonly number[], validity: Uint8Array | null = null): Vector {
  return { kind: 'dictionary', length: indexes.length, validity, indexes: Int32Array.from(indexes), dictionary }
}
