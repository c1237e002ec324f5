import { expect, test } from 'vitest'
import { RENAMED_TIME_ZONES } from './renamed-time-zones'
import { isTimeZone } from './time-zone'

test.each(RENAMED_TIME_ZONES)('%s and %s are names of the same zone', (former, current) => {
  expect(isTimeZone(former) && isTimeZone(current)).toBe(true)
  const atMs = [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)]
  const times = (timeZone: string) =>
    atMs.map((ms) => new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'long' }).format(ms))
  expect(times(former)).toEqual(times(current))
})
