import { expect, test } from 'vitest'
import { shownBound } from './shown-bound'

test.each([
  ['timestamptz', '2026-11-26 16:03:00+00:00', '2026-11-26 17:03:00+01:00'],
  ['timestamptz', '2026-07-01 23:30:00.000001+00:00', '2026-07-02 01:30:00.000001+02:00'],
  ['timestamptz', '1969-12-31 23:59:59.999999+00:00', '1970-01-01 00:59:59.999999+01:00'],
  ['timestamptz_ns', '2026-11-26 16:03:00.123456789+00:00', '2026-11-26 17:03:00.123456789+01:00'],
] as const)('A bound of %s is shown by clocks of the zone, with all its digits: %s', (type, text, shown) => {
  expect(shownBound(text, type, 'Europe/Berlin')).toBe(shown)
  expect(shownBound(text, type, 'UTC')).toBe(text)
})

test.each([
  ['timestamp', '2026-11-26 16:03:00'],
  ['string', '2026-11-26 16:03:00+00:00'],
  ['timestamptz', '0x00ff (not a value of type timestamptz)'],
] as const)('A bound of %s that is not an instant stays as it is: %s', (type, text) => {
  expect(shownBound(text, type, 'Europe/Berlin')).toBe(text)
})
