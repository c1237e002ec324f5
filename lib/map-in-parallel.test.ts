import { expect, it } from 'vitest'
import { mapInParallel } from './map-in-parallel'

it('keeps the order of the items and never exceeds the limit', async () => {
  let running = 0
  let maxRunning = 0
  const results = await mapInParallel([5, 1, 4, 2, 3], 2, async (item) => {
    maxRunning = Math.max(maxRunning, ++running)
    await new Promise((resolve) => setTimeout(resolve, item))
    running -= 1
    return item * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30])
  expect(maxRunning).toBe(2)
})

it('fails with the first failure, and starts no further items', async () => {
  const started: number[] = []
  const work = async (item: number) => {
    started.push(item)
    if (item === 2) throw new Error('second')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await expect(mapInParallel([1, 2, 3, 4], 2, work)).rejects.toThrow('second')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(started).toEqual([1, 2])
})
