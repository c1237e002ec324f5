import { expect, it } from 'vitest'
import { formatAll, formatCount, formatCountChange, formatCountTick, formatMedian, formatQuantity } from './count'

it('groups thousands and never rounds, also beyond 2^53', () => {
  expect([0, 3_000_000, -1204].map(formatCount)).toEqual(['0', '3,000,000', '−1,204'])
  expect(formatCount(9_223_372_036_854_775_807n)).toBe('9,223,372,036,854,775,807')
})

it('keeps the half of a median', () => {
  expect([136.5, 1_204, 1_204.5, 7.25].map(formatMedian)).toEqual(['136.5', '1,204', '1,204.5', '7'])
})

it('shows the sign of a change', () => {
  expect([41_208, -1_204, 0].map(formatCountChange)).toEqual(['+41,208', '−1,204', '0'])
})

it('keeps ticks short', () => {
  expect([0, 500, 60_000, 1_200_000, 3_000_000_000].map(formatCountTick)).toEqual(['0', '500', '60k', '1.2M', '3bn'])
})

it('says “all” only of several', () => {
  expect([1, 2, 0].map((count) => formatAll(count, 'file'))).toEqual(['1 file', 'All 2 files', 'All 0 files'])
})

it('uses the singular or plural of the noun', () => {
  expect([formatQuantity(1, 'table'), formatQuantity(1_204, 'table'), formatQuantity(0, 'entry', 'entries')]).toEqual([
    '1 table',
    '1,204 tables',
    '0 entries',
  ])
})
