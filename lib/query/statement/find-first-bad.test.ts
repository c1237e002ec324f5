import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { findEveryFlip, findFirstBad, type Verdict } from './find-first-bad'

function createTest(verdicts: readonly Verdict[]) {
  const tested: number[] = []
  const test = (index: number): Promise<Verdict> => {
    tested.push(index)
    return Promise.resolve(verdicts[index] ?? 'failed')
  }
  return { tested, test }
}

describe('The first bad snapshot', () => {
  it('is found in as many tests as halving takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 300 }), fc.nat(), async (count, seed) => {
        const firstBad = 1 + (seed % (count - 1))
        const { test, tested } = createTest(Array.from({ length: count }, (_, i) => (i < firstBad ? 'good' : 'bad')))
        expect(await findFirstBad(count, test)).toEqual({ kind: 'found', firstBad, lastGood: firstBad - 1 })
        expect(tested.length).toBeLessThanOrEqual(3 + Math.ceil(Math.log2(count)))
        expect(new Set(tested).size).toBe(tested.length)
      }),
      propertyRuns(),
    )
  })

  it('never counts a failed test as one or the other', async () => {
    const verdict = fc.constantFrom<Verdict>('good', 'failed')
    await fc.assert(
      fc.asyncProperty(
        fc.array(verdict, { maxLength: 12 }),
        fc.array(verdict, { maxLength: 12 }),
        async (before, after) => {
          const verdicts = [...before, ...after.map((one): Verdict => (one === 'good' ? 'bad' : 'failed'))]
          const { test, tested } = createTest(verdicts)
          const lastGood = before.lastIndexOf('good')
          const firstBad = verdicts.indexOf('bad')
          const outcome = await findFirstBad(verdicts.length, test)
          const expected =
            firstBad < 0
              ? lastGood < 0
                ? { kind: 'unknown' }
                : { kind: 'good-at-end', index: lastGood }
              : lastGood < 0
                ? { kind: 'bad-from-start', index: firstBad }
                : { kind: firstBad - lastGood === 1 ? 'found' : 'narrowed', firstBad, lastGood }
          expect(outcome).toEqual(expected)
          expect(new Set(tested).size).toBe(tested.length)
        },
      ),
      propertyRuns(),
    )
  })

  it('is none when the condition holds at the end, or never did', async () => {
    expect(await findFirstBad(3, createTest(['bad', 'bad', 'good']).test)).toEqual({ kind: 'good-at-end', index: 2 })
    expect(await findFirstBad(3, createTest(['bad', 'bad', 'bad']).test)).toEqual({ kind: 'bad-from-start', index: 0 })
    expect(await findFirstBad(1, createTest(['bad']).test)).toEqual({ kind: 'bad-from-start', index: 0 })
    expect(await findFirstBad(0, createTest([]).test)).toEqual({ kind: 'unknown' })
  })
})

it('A condition that flips twice leads to one of the flips, never to a snapshot before which it did not hold', async () => {
  // It holds, breaks at 3, is mended at 6, and breaks again at 8.
  const verdictAt = (index: number): Verdict => (index < 3 || index === 6 || index === 7 ? 'good' : 'bad')
  const outcome = await findFirstBad(10, async (index) => verdictAt(index))
  if (outcome.kind !== 'found') throw new Error(`the outcome is ${outcome.kind}`)
  expect([3, 8]).toContain(outcome.firstBad)
  expect(outcome.lastGood).toBe(outcome.firstBad - 1)
  const flips = await findEveryFlip(10, async (index) => verdictAt(index))
  expect(flips).toEqual([
    { firstBad: 3, lastGood: 2 },
    { firstBad: 8, lastGood: 7 },
  ])
})

it('A condition that never flips has no commit that broke it', async () => {
  const tested = (verdict: Verdict) => async () => verdict
  expect(await findFirstBad(9, tested('good'))).toEqual({ kind: 'good-at-end', index: 8 })
  expect(await findFirstBad(9, tested('bad'))).toEqual({ kind: 'bad-from-start', index: 0 })
  expect(await findEveryFlip(9, tested('good'))).toEqual([])
  expect(await findEveryFlip(9, tested('bad'))).toEqual([])
})

it('Every flip is found when every snapshot is tested', async () => {
  const { test, tested } = createTest(['good', 'bad', 'failed', 'good', 'failed', 'bad', 'bad'])
  expect(await findEveryFlip(7, test)).toEqual([
    { firstBad: 1, lastGood: 0 },
    { firstBad: 5, lastGood: 3 },
  ])
  expect(tested).toEqual([0, 1, 2, 3, 4, 5, 6])
})
