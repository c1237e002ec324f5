import { expect, it } from 'vitest'
import { formatPercent, formatPercentChange } from './percent'

it('prints a share to one decimal place and never shows a small share as zero', () => {
  expect([0, 0.0001, 0.085, 0.865, 1].map(formatPercent)).toEqual(['0.0%', '< 0.1%', '8.5%', '86.5%', '100.0%'])
})

it('prints a change with its sign, and never shows a small one as none', () => {
  expect([0, 0.0001, -0.0001, 0.185, -0.04, 11.333].map(formatPercentChange)).toEqual([
    '±0%',
    '< +0.1%',
    '> −0.1%',
    '+18.5%',
    '−4.0%',
    '+1,133%',
  ])
})
