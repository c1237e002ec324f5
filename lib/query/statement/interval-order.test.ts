import { expect, it } from 'vitest'
import { intervalOrder } from './interval-order'

function sorted(texts: readonly string[]) {
  return texts.toSorted((a, b) => {
    const [left, right] = [intervalOrder(a) ?? 0n, intervalOrder(b) ?? 0n]
    return left < right ? -1 : left > right ? 1 : 0
  })
}

it('orders intervals by their length, not by their text', () => {
  const ascending = ['-1 days', '-00:00:00.000001', '00:00:00', '00:00:00.000001', '9 days', '10 days', '30:00:00']
  expect(sorted(ascending.toReversed())).toEqual([
    '-1 days',
    '-00:00:00.000001',
    '00:00:00',
    '00:00:00.000001',
    '30:00:00',
    '9 days',
    '10 days',
  ])
  expect(sorted(['1 year', '2 months 3 days', '12 days', '11 months 29 days'])).toEqual([
    '12 days',
    '2 months 3 days',
    '11 months 29 days',
    '1 year',
  ])
})

it('counts 30 days as a month and 24 hours as a day, exactly', () => {
  expect(intervalOrder('30 days')).toBe(intervalOrder('1 month'))
  expect(intervalOrder('1 day')).toBe(intervalOrder('24:00:00'))
  expect(intervalOrder('1 year')).toBe(intervalOrder('12 months'))
  expect(sorted(['2562047788:00:54.775807', '2562047788:00:54.775806'])).toEqual([
    '2562047788:00:54.775806',
    '2562047788:00:54.775807',
  ])
})

it('Another text has no order', () => {
  for (const text of ['', 'soon', '3 weeks', '1 year 2']) expect(intervalOrder(text)).toBeNull()
})
