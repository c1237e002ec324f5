import { expect, it } from 'vitest'
import { commitStacks } from './commit-stacks'

it('Commits are counted by operation in equal steps up to now', () => {
  const commits = [
    [0, 'append'],
    [1_000, 'replace'],
    [89_999, 'append'],
    [90_000, 'merge'],
  ] as const
  const { series, stacks, stepMs } = commitStacks(
    commits.map(([committedAtMs, operation]) => ({ committedAtMs, operation })),
    90_000,
  )
  expect(series.map(({ key }) => key)).toEqual(['append', 'replace', 'other'])
  expect({ stepMs, steps: stacks.length }).toEqual({ stepMs: 3_000, steps: 30 })
  expect(stacks[0]).toEqual({ startMs: 0, values: [1, 1, 0] })
  // A commit at the end, or by a clock that is ahead, is in the last step.
  expect(stacks.at(-1)).toEqual({ startMs: 87_000, values: [1, 0, 1] })
})

it('The commits of one moment have one step', () => {
  const commits = [5_000, 5_000].map((committedAtMs) => ({ committedAtMs, operation: 'append' }))
  expect(commitStacks(commits, 5_000).stacks).toEqual([{ startMs: 5_000, values: [2] }])
})
