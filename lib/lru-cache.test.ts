import { expect, it } from 'vitest'
import { LruCache } from './lru-cache'

it('The cache stays within its limits of bytes and entries, and evicts the least recently used entry first', () => {
  const cache = new LruCache<string>({ maxBytes: 10, maxCount: 3 })
  for (const key of ['a', 'b', 'c']) cache.set(key, key, 3)
  expect(cache.get('a')).toBe('a')
  cache.set('d', 'd', 1)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd'])
  cache.set('e', 'e', 7)
  expect(['a', 'c', 'd', 'e'].map((key) => cache.get(key))).toEqual([undefined, undefined, 'd', 'e'])
})

it('A value larger than the whole cache is not cached, and removes the previous value of its key', () => {
  const cache = new LruCache<string>({ maxBytes: 10 })
  cache.set('a', 'small', 1)
  cache.set('b', 'other', 1)
  cache.set('a', 'large', 11)
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'other'])
})

it('Replaced and deleted values no longer count', () => {
  const cache = new LruCache<string>({ maxBytes: 10 })
  cache.set('a', 'first', 9)
  cache.set('a', 'second', 4)
  cache.set('b', 'b', 6)
  expect([cache.get('a'), cache.get('b')]).toEqual(['second', 'b'])
  cache.delete('a')
  cache.set('c', 'c', 4)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 'b', 'c'])
})
