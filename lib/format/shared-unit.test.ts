import { expect, it } from 'vitest'
import { formatChangeInUnit, formatInUnit, sharedUnit } from './shared-unit'

const GIB = 2 ** 30

it('chooses a unit that leaves digits to compare', () => {
  expect([0, 9, 10_239, 10_240, 9.9 * GIB, 10 * GIB].map((bytes) => sharedUnit(bytes).name)).toEqual([
    'B',
    'B',
    'B',
    'KiB',
    'MiB',
    'GiB',
  ])
})

it('writes one decimal, and neither hides a small figure nor a sign', () => {
  const unit = sharedUnit(600 * GIB)
  expect([3541.26 * GIB, 0, 1].map((bytes) => formatInUnit(bytes, unit))).toEqual(['3,541.3', '0.0', '< 0.1'])
  expect([5.06 * GIB, -4.9 * GIB, 0].map((bytes) => formatChangeInUnit(bytes, unit))).toEqual(['+5.1', '−4.9', '±0'])
  expect(formatInUnit(12, sharedUnit(12))).toBe('12')
})
