import { expect, test } from 'vitest'
import { type QueryResult, ZERO_COST } from '@/lib/query/engine'
import { createResultCache } from './result-cache'

const TIMING = {
  startMs: 0,
  planMs: 0,
  confirmMs: 0,
  loadMs: 0,
  runMs: 0,
  totalMs: 0,
  fetchMs: 0,
  decodeMs: 0,
  insertMs: 0,
}

function resultOf(resultBytes: number): QueryResult {
  return {
    columns: [],
    batches: [],
    rowCount: 0,
    isTruncated: false,
    resultBytes,
    cost: ZERO_COST,
    timing: TIMING,
    columnsRead: 0,
    totalColumns: 0,
    cachedColumns: 0,
    filteredFiles: null,
    sizeMismatches: [],
    tablesRead: [],
    viewsRead: [],
    isText: false,
  }
}

test('results make room for newer ones, the least recently used first', () => {
  const cache = createResultCache({ maxBytes: 100 })
  for (const key of ['a', 'b', 'c']) cache.add(key, resultOf(30))
  cache.find('a')
  cache.add('d', resultOf(30))
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.find(key) !== null)).toEqual(['a', 'c', 'd'])
})

test('results without rows count, too', () => {
  const cache = createResultCache({ maxResults: 2 })
  for (const key of ['a', 'b', 'c']) cache.add(key, resultOf(0))
  expect(cache.find('a')).toBeNull()
  expect(cache.find('b')).not.toBeNull()
})

test('a result that would take the room of all others is not cached', () => {
  const cache = createResultCache({ maxBytes: 100 })
  cache.add('small', resultOf(40))
  cache.add('large', resultOf(51))
  expect(cache.find('large')).toBeNull()
  expect(cache.find('small')).not.toBeNull()
})

test('a closed cache is empty and stores nothing', () => {
  const cache = createResultCache()
  cache.add('a', resultOf(1))
  cache.close()
  expect(cache.find('a')).toBeNull()
  cache.add('b', resultOf(1))
  expect(cache.find('b')).toBeNull()
})
