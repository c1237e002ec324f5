import { expect, it } from 'vitest'
import { rowNumberWidthPx } from './row-number-width'

it('The column of row numbers is as wide as their digits', () => {
  expect([9, 999, 1_000, 12_000, 1_212_171].map((last) => rowNumberWidthPx(last, 1_100))).toEqual([55, 55, 66, 75, 94])
})

it('The column of row numbers is narrower on a phone', () => {
  expect([999, 12_000, 1_212_171].map((last) => rowNumberWidthPx(last, 390))).toEqual([39, 59, 78])
})
