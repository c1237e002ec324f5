import { expect, it } from 'vitest'
import { instantText } from './instant-text'
import { parseInstantMs } from './parse-instant'

it.each([
  ['2026-11-23T00:35:00Z', Date.UTC(2026, 10, 23, 0, 35)],
  ['2026-11-23T01:35+01:00', Date.UTC(2026, 10, 23, 0, 35)],
  // The plus of an offset in a query string that was not encoded.
  ['2026-11-23T01:35:00 01:00', Date.UTC(2026, 10, 23, 0, 35)],
  ['2026-11-22 19:35:00.5179-05:00', Date.UTC(2026, 10, 23, 0, 35, 0, 517)],
  ['1609459200000', 1_609_459_200_000],
  ['-5', -5],
])('%s is an instant', (text, atMs) => {
  expect(parseInstantMs(text)).toBe(atMs)
})

it.each(['2026-11-23T00:35:00', '2026-11-23', '2026-02-30T00:00:00Z', '2026-11-23T25:00:00Z', 'soon', '', '1e3'])(
  '%j is not an instant',
  (text) => {
    expect(parseInstantMs(text)).toBeNull()
  },
)

it('An instant is written with its offset, to the millisecond, and read again', () => {
  expect(instantText(Date.UTC(2026, 10, 23, 0, 35))).toBe('2026-11-23T00:35:00Z')
  expect(instantText(Date.UTC(2026, 10, 23, 0, 35, 0, 517))).toBe('2026-11-23T00:35:00.517Z')
  for (const atMs of [0, -1, Date.UTC(2100, 0, 1), 8.64e15, 9_007_199_254_740_991, Date.UTC(-5, 0, 1)])
    expect(parseInstantMs(instantText(atMs))).toBe(atMs)
})
