import { expect, it } from 'vitest'
import { formatRatio, formatRatioToOne } from './ratio'

it('prints two decimal places, and “: 1” when it stands alone', () => {
  expect([formatRatio(5.8), formatRatio(0.996), formatRatioToOne(5.8)]).toEqual(['5.80', '1.00', '5.80 : 1'])
})
