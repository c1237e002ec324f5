import { expect, it } from 'vitest'
import { type TestClock, useTestClock } from '@/testing/clock'
import { measure } from './try-codec'

/** Measures work whose turns take these times. */
async function measureTurns(time: TestClock, minTurns: number, turnsMs: readonly number[]) {
  let turnCount = 0
  const { ms, slowMs, spentMs } = await measure(minTurns, async () => {
    await time.advance(turnsMs[turnCount] ?? 0)
    turnCount += 1
  })
  return { ms: Math.round(ms), slowMs: Math.round(slowMs), spentMs: Math.round(spentMs), turnCount }
}

it('measures a page several times and takes the shortest, also if the first turn was held up for long', async () => {
  expect(await measureTurns(useTestClock(), 3, [900, 5, 6, 7])).toEqual({
    ms: 5,
    slowMs: 900,
    spentMs: 911,
    turnCount: 3,
  })
})

it('repeats short turns more often', async () => {
  expect(await measureTurns(useTestClock(), 3, [1, 1, 1, 1, 1, 1, 1, 1])).toEqual({
    ms: 1,
    slowMs: 1,
    spentMs: 7,
    turnCount: 7,
  })
})

it('measures a page once when the candidate has spent its time', async () => {
  expect(await measureTurns(useTestClock(), 1, [200, 5])).toEqual({ ms: 200, slowMs: 200, spentMs: 200, turnCount: 1 })
})

it('says in which time three of four turns ended, whatever held up the last one', async () => {
  const turnsMs = [3, 2, 1, 1, 900]
  expect(await measureTurns(useTestClock(), 3, turnsMs)).toMatchObject({ ms: 1, slowMs: 3, turnCount: 5 })
})
