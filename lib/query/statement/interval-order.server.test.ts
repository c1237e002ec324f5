import { RecordBatchReader } from 'apache-arrow'
import { expect, it } from 'vitest'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { intervalOrder } from './interval-order'

it('orders the intervals that DuckDB writes as DuckDB does', async () => {
  const duckdb = await resetNodeDuckdb()
  const sql = `
    select i::varchar as text
    from unnest([-13, -1, 0, 1, 14]) as months(m), unnest([-31, -1, 0, 1, 29, 30, 61]) as days(d),
      unnest([-2592000000001, -86400000001, -1, 0, 1, 86399999999, 2592000000000]::bigint[]) as micros(u),
      lateral (select to_months(m) + to_days(d) + to_microseconds(u) as i)
    order by i`
  const texts = [...RecordBatchReader.from(duckdb.run(sql))].flatMap((batch) =>
    [...batch].map((row) => String(row?.text)),
  )
  expect(texts).toHaveLength(5 * 7 * 7)
  const orders = texts.map(intervalOrder)
  expect(orders.filter((order) => order === null)).toEqual([])
  expect(orders).toEqual(orders.toSorted((a, b) => ((a ?? 0n) < (b ?? 0n) ? -1 : (a ?? 0n) > (b ?? 0n) ? 1 : 0)))
  expect(new Set(orders).size).toBeGreaterThan(100)
})
