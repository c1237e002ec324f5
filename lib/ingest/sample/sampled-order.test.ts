import { expect, it } from 'vitest'
import { sampleOrder } from './sampled-order'
import type { SampledField, TextRow } from './sampled-values'

/** 1,600 rows of a file of 1,310,720, so 20 row groups: a key in a random order, the time at which each came, and a city. */
const CITIES = ['Bonn', 'Oslo']
const ROWS: TextRow[] = Array.from(
  { length: 1600 },
  (_, i) =>
    ([name]: readonly string[]) =>
      name === 'key' ? String((i * 7919) % 1601) : name === 'at' ? String(i) : (CITIES[i % 2] ?? null),
)
const FILE_ROWS = 1_310_720
const field = (name: string, transform = 'identity'): SampledField => ({
  path: [name],
  type: name === 'city' ? 'string' : 'long',
  transform,
})
const order = (sortField: SampledField, partitionFields: readonly SampledField[] = []) =>
  sampleOrder({ rows: ROWS, partitionFields, sortField }, FILE_ROWS)

it('A filter for a value reads one row group in the order of its column, and most of them in another order', () => {
  expect(order(field('key'))).toMatchObject({ partitionCount: 1, groupCount: 20, sortedGroups: 1 })
  expect(order(field('key'))?.unsortedGroups).toBeGreaterThan(15)
})

it('A file that is in the order already is read as well without it', () => {
  expect(order(field('at'))).toMatchObject({ sortedGroups: 1, unsortedGroups: 1 })
})

it('Each partition has its own row groups, and a value that many rows have is in several of them', () => {
  expect(order(field('key'), [field('city')])).toMatchObject({ partitionCount: 2, groupCount: 20 })
  expect(order(field('city'))).toMatchObject({ sortedGroups: 10, unsortedGroups: 20 })
  expect(order(field('key', 'bucket[4]'))?.sortedGroups).toBeGreaterThan(4)
})

it('Rows of less than a row group have one, and a transform that does not suit its column has none', () => {
  expect(sampleOrder({ rows: ROWS, partitionFields: [], sortField: field('key') }, 1600)?.groupCount).toBe(1)
  expect(order(field('key', 'day'))).toBeNull()
  expect(order({ ...field('none'), path: ['city'] })).toBeNull()
})
