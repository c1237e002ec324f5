import { expect, it } from 'vitest'
import { KeptByBytes } from './kept-by-bytes'

it('What is kept stays within its bytes and its count, the longest unused given up first', () => {
  const kept = new KeptByBytes<string>({ maxBytes: 10, maxCount: 3 })
  for (const key of ['a', 'b', 'c']) kept.set(key, key, 3)
  expect(kept.get('a')).toBe('a')
  kept.set('d', 'd', 1)
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key))).toEqual(['a', undefined, 'c', 'd'])
  kept.set('e', 'e', 7)
  expect(['a', 'c', 'd', 'e'].map((key) => kept.get(key))).toEqual([undefined, undefined, 'd', 'e'])
})

it('What is larger than all of it is not kept, also in the place of what was', () => {
  const kept = new KeptByBytes<string>({ maxBytes: 10 })
  kept.set('a', 'small', 1)
  kept.set('b', 'other', 1)
  kept.set('a', 'large', 11)
  expect([kept.get('a'), kept.get('b')]).toEqual([undefined, 'other'])
})

it('What is set anew or forgotten counts no longer', () => {
  const kept = new KeptByBytes<string>({ maxBytes: 10 })
  kept.set('a', 'first', 9)
  kept.set('a', 'second', 4)
  kept.set('b', 'b', 6)
  expect([kept.get('a'), kept.get('b')]).toEqual(['second', 'b'])
  kept.forget('a')
  kept.set('c', 'c', 4)
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([undefined, 'b', 'c'])
})
