import { expect, test } from 'vitest'
import { zonedTimestampText, zoneTransitions } from './zoned-time'

test('a zone has all changes of its clocks', () => {
  expect(zoneTransitions('UTC')).toEqual([{ atMs: Number.NEGATIVE_INFINITY, offsetMs: 0 }])
  const berlin = zoneTransitions('Europe/Berlin')
  expect(berlin[0]?.offsetMs).toBe((53 * 60 + 28) * 1000)
  const summerOf2023 = berlin.filter(({ atMs }) => new Date(atMs).getUTCFullYear() === 2023)
  expect(summerOf2023).toEqual([
    { atMs: Date.UTC(2023, 2, 26, 1), offsetMs: 7_200_000 },
    { atMs: Date.UTC(2023, 9, 29, 1), offsetMs: 3_600_000 },
  ])
})

test('instants are shown with the offset of a zone, exactly and before and after the years of Date', () => {
  expect(zonedTimestampText(1_684_161_045_000_001n, 'Asia/Kolkata')).toBe('2023-05-15 20:00:45.000001+05:30')
  expect(zonedTimestampText(9_223_372_036_854_775_806n, 'Europe/Berlin')).toBe('+294247-01-10 04:00:54.775806+00:00')
  expect(zonedTimestampText(-1n, 'America/New_York')).toBe('1969-12-31 18:59:59.999999-05:00')
})

test('an instant before the year 1 has the offset that its zone had before there were time zones', () => {
  const secondsBefore1970 = 62_135_596_800n + 400n * 86_400n
  expect(zonedTimestampText(-secondsBefore1970 * 1_000_000n, 'Europe/Berlin')).toBe('-0001-11-28 00:53:28+00:53:28')
})

test('instants around a change of the clocks have the offset of their own side', () => {
  const changeMicros = BigInt(Date.UTC(2023, 2, 26, 1)) * 1000n
  const texts = [changeMicros - 1n, changeMicros].map((micros) => zonedTimestampText(micros, 'Europe/Berlin'))
  expect(texts).toEqual(['2023-03-26 01:59:59.999999+01:00', '2023-03-26 03:00:00+02:00'])
})
