import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { pauseBeforeRetry, TimeBudget } from './time-budget'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('A time budget is measured by a clock that no user or program sets', () => {
  const budget = new TimeBudget(1_000)
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(budget.leftMs()).toBe(1_000)
  vi.advanceTimersByTime(1_500)
  expect(budget.leftMs()).toBe(-500)
})

it('A pause that the budget has no room for is refused at once', async () => {
  const startMs = performance.now()
  expect(await pauseBeforeRetry(new TimeBudget(-1), 1)).toBe(false)
  expect(performance.now()).toBe(startMs)
})

it('A pause is short, and taken when the budget has room for it', async () => {
  vi.useRealTimers()
  const startMs = performance.now()
  expect(await pauseBeforeRetry(new TimeBudget(60_000), 1)).toBe(true)
  expect(performance.now() - startMs).toBeLessThan(10_000)
})
