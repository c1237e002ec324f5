import { expect, it } from 'vitest'
import { formatPercent } from './percent'

it('prints a share to one decimal place and never shows a small share as zero', () => {
  expect([0, 0.0001, 0.085, 0.865, 1].map(formatPercent)).toEqual(['0.0%', '< 0.1%', '8.5%', '86.5%', '100.0%'])
})
