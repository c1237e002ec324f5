import { expect, it } from 'vitest'
import { toCron } from './repeat-choices'

it('A choice of times is a cron expression, and a load that a user starts has none', () => {
  expect(toCron('nightly', '')).toBe('0 2 * * *')
  expect(toCron('own', ' */5 * * * * ')).toBe('*/5 * * * *')
  expect([toCron('own', ' '), toCron('hand', '0 2 * * *')]).toEqual([null, null])
})
