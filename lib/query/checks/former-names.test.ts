import { describe, expect, it } from 'vitest'
import { tokenize } from '@/lib/query/statement/tokenize'
import { findFormerNames } from './former-names'

const namesDelay = (sql: string) => findFormerNames(tokenize(sql)).has('delay')

describe('The former columns that a statement may name', () => {
  it.each([
    'select origin, max(arrival_delay) as delay from demo.flights group by 1',
    'select max(arrival_delay) as "Delay" from demo.flights order by delay desc',
    'select upper(origin) as delay from demo.flights group by delay having delay > 1',
    'with late as (select max(arrival_delay) as delay from demo.flights) select delay, l.delay from late l where delay > 5',
    'select delay from (select max(arrival_delay) as delay from demo.flights)',
  ])('are not those that it gives to its output: %s', (sql) => {
    expect(namesDelay(sql)).toBe(false)
  })

  it.each([
    'select delay from demo.flights',
    'select max(delay) as delay from demo.flights',
    'select origin, max(arrival_delay) as delay from demo.flights where delay > 5 group by 1',
    'select max(arrival_delay) as delay from demo.flights having max(delay) > 5',
    'select arrival_delay as delay from demo.flights f order by f.delay',
    'with late as (select max(delay) as delay from demo.flights) select delay from late',
    'select 1 from demo.flights where exists (select 1 as d from demo.trips t where t.number = delay)',
    `select ${'('.repeat(5000)}delay`,
  ])('are those at other positions, too: %.100s', (sql) => {
    expect(namesDelay(sql)).toBe(true)
  })
})
