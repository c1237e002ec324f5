import { expect, it } from 'vitest'
import { spreadEvenly } from './spread-evenly'

it('chooses the same items from every part of a list, in their order', () => {
  const items = Array.from({ length: 1000 }, (_, i) => i)
  expect(spreadEvenly(items, 4)).toEqual([125, 375, 625, 875])
  expect(spreadEvenly(items.slice(0, 3), 4)).toEqual([0, 1, 2])
  expect(new Set(spreadEvenly(items, 64)).size).toBe(64)
})
