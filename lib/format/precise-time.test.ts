import { expect, test } from 'vitest'
import { formatPreciseTime } from './precise-time'

test('an instant is shown to the millisecond, with its zone', () => {
  expect(formatPreciseTime(Date.UTC(2026, 10, 21, 2, 35, 42, 7), 'Europe/Berlin')).toBe(
    '21 Nov 2026, 03:35:42.007 Europe/Berlin',
  )
  expect(formatPreciseTime(-1, 'UTC')).toBe('31 Dec 1969, 23:59:59.999 UTC')
})
