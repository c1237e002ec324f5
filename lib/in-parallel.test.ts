import { expect, it } from 'vitest'
import { inParallel } from './in-parallel'

it('keeps the order of the items and never does more at a time than allowed', async () => {
  let running = 0
  let most = 0
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, item))
    running -= 1
    return item * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30])
  expect(most).toBe(2)
})

it('fails with the first failure, and begins nothing more', async () => {
  const begun: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    if (item === 2) throw new Error('second')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow('second')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(begun).toEqual([1, 2])
})
