import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText } from '@/testing/any-text'
import { propertyRuns } from '@/testing/property-cases'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-values'
import { SortKeys, sortProblem } from './sort-keys'

const UP = { isDescending: false, areNullsFirst: false }

function sorted(type: Type, values: readonly (RowValue | null)[], direction = UP): (RowValue | null)[] {
  const keys = new SortKeys(type, values.length)
  for (const value of values) keys.add([value])
  return Array.from(keys.order(direction), (row) => values[row] ?? null)
}

describe('Rows are sorted', () => {
  test('with NaN after all numbers and -0 before 0', () => {
    const values = [Number.NaN, 1.5, 0, Number.POSITIVE_INFINITY, -0, null, Number.NEGATIVE_INFINITY, -1]
    const expected = [Number.NEGATIVE_INFINITY, -1, -0, 0, 1.5, Number.POSITIVE_INFINITY, Number.NaN]
    expect(sorted('double', values)).toEqual([...expected, null])
    expect(sorted('double', values, { isDescending: true, areNullsFirst: true })).toEqual([
      null,
      ...expected.toReversed(),
    ])
  })

  test.each<[Type, bigint[]]>([
    ['long', [-(2n ** 63n), 9007199254740992n, 9007199254740993n, 2n ** 63n - 1n]],
    ['timestamp_ns', [-1n, 0n, 1_700_000_000_000_000_001n, 1_700_000_000_000_000_002n]],
    ['decimal(18, 2)', [-999_999_999_999_999_999n, 100_000_000_000_000_001n, 100_000_000_000_000_002n]],
    ['decimal(38, 0)', [-(10n ** 38n) + 1n, -(2n ** 64n), 2n ** 64n, 2n ** 64n + 1n, 10n ** 38n - 1n]],
  ])('exactly by %s', (type, ascending) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...ascending, ...ascending]), (values) => {
        expect(sorted(type, values)).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
      }),
      propertyRuns(),
    )
  })

  test('by the bytes of text, which differ from its code units, and of text that is not UTF-8', () => {
    const bytes = (value: RowValue) => Buffer.from(value as string)
    fc.assert(
      fc.property(fc.array(anyText()), (values) => {
        expect(sorted('string', values)).toEqual(values.toSorted((a, b) => Buffer.compare(bytes(a), bytes(b))))
      }),
      propertyRuns(),
    )
    expect(sorted('string', ['\u{1F600}', '\uFF5E', 'a', ''])).toEqual(['', 'a', '\uFF5E', '\u{1F600}'])
    const broken = Uint8Array.of(0xc3, 0x28)
    expect(sorted('string', ['é', broken, 'z'])).toEqual(['z', broken, 'é'])
  })

  test('by bytes, UUIDs, booleans and dates', () => {
    const [low, high] = [Uint8Array.of(1, 255), Uint8Array.of(2)]
    expect(sorted('binary', [high, low, Uint8Array.of()])).toEqual([Uint8Array.of(), low, high])
    const uuids = ['f79c3e09-677c-4bbd-a479-3f349cb785e7', '00112233-4455-6677-8899-aabbccddeeff']
    expect(sorted('uuid', uuids)).toEqual(uuids.toReversed())
    expect(sorted('boolean', [true, false, null])).toEqual([false, true, null])
    expect(sorted('date', [11_000, -1, 0])).toEqual([-1, 0, 11_000])
  })

  test('and keep their order where values are equal, in both directions', () => {
    const keys = new SortKeys('string', 5)
    keys.add(['b', 'a', null, 'b', 'a'])
    expect([...keys.order(UP)]).toEqual([1, 4, 0, 3, 2])
    expect([...keys.order({ isDescending: true, areNullsFirst: true })]).toEqual([2, 0, 3, 1, 4])
  })

  test('by no column without an order, and not by more texts than fit in memory', () => {
    const list: Type = { type: 'list', elementId: 2, element: 'int', elementRequired: false }
    expect(sortProblem(list)).toBe('Structs, lists and maps have no order')
    expect(sortProblem('variant')).toBe('A variant has no order')
    expect(sortProblem('string')).toBeUndefined()
    expect(() => new SortKeys('variant', 1)).toThrow('A variant has no order.')
    const keys = new SortKeys('string', 100, 500)
    expect(() => keys.add(Array.from({ length: 100 }, (_, i) => `value ${i}`))).toThrow('too much memory')
    expect(() => new SortKeys('int', 1).add([1, 2])).toThrow('more rows than there are')
  })
})
