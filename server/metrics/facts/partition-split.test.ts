import { beforeAll, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { netOfSums } from '@/lib/facts/term-sums'
import { TERMS } from '@/lib/facts/terms'
import { grantsOfRole } from '@/lib/permissions'
import { rawChange } from '@/testing/databases/test-sql'
import { collectFacts } from '@/testing/facts/collect-facts'
import { BY_DAY, PartitionedTable } from '@/testing/facts/partitioned-table'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import { DAY_MS, toDay } from '@/server/db/facts/sum-tables'
import { ByteBudget } from '@/server/facts/byte-budget'
import { PartitionReader } from '@/server/facts/partitions/partition-reader'
import { readIngestion } from './ingestion'

const testHome = createTestHome()
const { signal } = new AbortController()
const ADMIN: Actor = { userId: 'u1', username: 'eva', role: 'admin', grants: grantsOfRole('admin') }
const toMs = (toDay(Date.now()) + 1) * DAY_MS
const fromMs = toMs - 10 * DAY_MS
let table: PartitionedTable

type Request = Parameters<typeof readIngestion>[2]
const read = (request: Partial<Request> = {}) =>
  readIngestion(
    testHome.services,
    ADMIN,
    {
      scope: { catalog: 'local', namespace: ['shop'], table: 'orders' },
      step: 'day',
      timeZone: 'UTC',
      measure: 'rows',
      by: 'partition',
      fromMs,
      toMs,
      previousFromMs: fromMs - 10 * DAY_MS,
      ...request,
    },
    { nowMs: Date.now() },
  )

async function readPartitions(): Promise<void> {
  await collectFacts(testHome.services)
  await testHome.database.commit([rawChange('UPDATE fact_partitions SET read_at_ms = 0')])
  await new PartitionReader(testHome.services, new ByteBudget(1024 * 1024 * 1024)).run(signal)
}

beforeAll(async () => {
  table = new PartitionedTable(testHome.services, 'orders')
  await table.create([BY_DAY])
  const first = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((day) => table.file(100 * day, [day])))
  await table.commit('append', { added: first, atMs: fromMs })
  const [smallest, , , , , , , largest] = first
  if (!smallest || !largest) throw new Error('there are eight files')
  // Rows of the largest partition are now in another one, and there is one more.
  const removed = [smallest, largest]
  await table.commit('overwrite', { removed, added: [await table.file(901, [1])], atMs: fromMs + DAY_MS })
  await readPartitions()
})

it('The partitions of a table add up to its equation, each day and in all', async () => {
  for (const measure of ['rows', 'files', 'bytes'] as const) {
    for (const step of ['hour', 'day', 'week'] as const) {
      const { equation, buckets, series, partitions, grain } = await read({ measure, step })
      expect(grain).toBe('day')
      expect(series.length).toBe(7)
      for (const { cameIn, terms } of buckets) expect(cameIn.reduce((a, b) => a + b, 0)).toBe(terms['came-in'])
      if (!partitions) throw new Error('the split is by partition')
      const { listed, others } = partitions
      for (const term of TERMS)
        expect([...listed, others].reduce((sum, { terms }) => sum + terms[term], 0)).toBe(equation.terms[term])
    }
  }
  const { series, partitions, buckets } = await read()
  expect(series.map(({ label }) => label)).toEqual(
    ['1', '7', '6', '5', '4', '3'].map((day) => `day=${day}`).concat('Other'),
  )
  expect(buckets[1]?.cameIn).toEqual([801, 0, 0, 0, 0, 0, -800])
  expect(partitions).toMatchObject({ dayCount: 10, unknownDays: 0, crowdedDays: 0, others: { count: 0 } })
  expect(partitions?.listed.find(({ name }) => name === 'day=8')).toMatchObject({ newestMs: fromMs + DAY_MS })
  expect(netOfSums(partitions?.listed.find(({ name }) => name === 'day=1')?.terms ?? ({} as never))).toBe(901)
})

it('What is not read yet is in the others, and its day is named', async () => {
  await table.commit('append', { added: [await table.file(55, [9])], atMs: fromMs + 3 * DAY_MS })
  await collectFacts(testHome.services)
  const { partitions, series, buckets } = await read()
  expect(partitions).toMatchObject({ unknownDays: 1, others: { terms: { 'came-in': 55 } } })
  expect(buckets[3]?.cameIn[series.findIndex(({ key }) => key === 'other')]).toBe(55)
  await readPartitions()
  expect((await read()).partitions?.unknownDays).toBe(0)
})

it('Only one table is split by partition, by measures that its partitions have', async () => {
  expect((await read({ by: 'writer' })).hasPartitions).toBe(true)
  const other = new PartitionedTable(testHome.services, 'other')
  await other.create([])
  await other.commit('append', { added: [await other.file(1, [])] })
  await readPartitions()
  const scope = { catalog: 'local', namespace: ['shop'] }
  const all = await read({ by: 'writer', scope })
  expect([all.hasPartitions, all.partitions]).toEqual([false, null])
  const refusals: [Partial<Request>, string][] = [
    [{ scope }, 'Only one table is split by partition'],
    [{ scope: { ...scope, table: 'missing' } }, 'Only one table is split by partition'],
    [{ scope: { ...scope, table: 'other' } }, 'shop.other has no partitions'],
    [{ measure: 'commits' }, 'commits are not split by partition'],
  ]
  for (const [request, reason] of refusals) {
    const refusal: unknown = await read(request).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(AppError)
    expect(refusal).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(reason) as string })
  }
})
