import { expect, it } from 'vitest'
import { formatMonthlyCost, formatMonthlyCostChange } from './money'

const DOLLARS = { perTbMonth: 23, currency: 'USD' }

it.each([
  [1e12, DOLLARS, '$23.00 a month'],
  [1.5e15, DOLLARS, '$34,500.00 a month'],
  [0, DOLLARS, '$0.00 a month'],
  [1e6, DOLLARS, '< $0.01 a month'],
  [1e12, { perTbMonth: 21.5, currency: 'EUR' }, '€21.50 a month'],
  [1e12, { perTbMonth: 3300, currency: 'JPY' }, '¥3,300 a month'],
  [1e8, { perTbMonth: 3300, currency: 'JPY' }, '< ¥1 a month'],
])('%d bytes cost so much: %o', (bytes, price, text) => {
  expect(formatMonthlyCost(bytes, price)).toBe(text)
})

it('a change has its sign', () => {
  expect(formatMonthlyCostChange(-2e11, DOLLARS)).toBe('−$4.60 a month')
  expect(formatMonthlyCostChange(2e11, DOLLARS)).toBe('+$4.60 a month')
  expect(formatMonthlyCostChange(-10, DOLLARS)).toBe('−$0.01 a month or less')
})
