import { expect, it } from 'vitest'
import type { Values } from '../values'
import { countNans } from './count-nans'

const doubles: Values = {
  kind: 'numbers',
  data: Float64Array.of(Number.NaN, 1, -0, Number.NaN, Number.POSITIVE_INFINITY),
}

it('NaNs are counted within the range', () => {
  expect(countNans(doubles, { start: 0, end: 5 })).toBe(2)
  expect(countNans(doubles, { start: 1, end: 3 })).toBe(0)
  expect(countNans({ kind: 'numbers', data: Float32Array.of(Number.NaN) }, { start: 0, end: 1 })).toBe(1)
})

it('NaNs of a dictionary are counted as often as pages refer to them', () => {
  const values: Values = { kind: 'indexed', indexes: Uint8Array.of(0, 1, 3, 3, 2), dictionary: doubles }
  expect(countNans(values, { start: 0, end: 5 })).toBe(3)
  expect(countNans(values, { start: 1, end: 2 })).toBe(0)
})

it('integers and texts are no NaN', () => {
  expect(countNans({ kind: 'numbers', data: Int32Array.of(0, 1) }, { start: 0, end: 2 })).toBe(0)
  expect(countNans({ kind: 'longs', data: BigInt64Array.of(1n) }, { start: 0, end: 1 })).toBe(0)
})
