import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createTurns } from './take-turns'

/** Work that keeps the thread busy for 2 ms at a time, in turns, and records every step. */
async function work(name: string, takeTurns: ReturnType<typeof createTurns>, steps: string[]): Promise<void> {
  for (let step = 0; step < 30; step += 1) {
    const startedAtMs = performance.now()
    while (performance.now() - startedAtMs < 2);
    steps.push(name)
    await takeTurns()
  }
}

it('Work in turns lets other work go on between them, however many share the turns', async () => {
  const takeTurns = createTurns()
  const steps: string[] = []
  const done = new AbortController()
  const watching = (async () => {
    while (!done.signal.aborted) {
      await setImmediate()
      steps.push('round')
    }
  })()
  await Promise.all(['a', 'b', 'c'].map((name) => work(name, takeTurns, steps)))
  done.abort()
  await watching
  const lengths = steps
    .join(' ')
    .split('round')
    .map((turn) => turn.trim().split(' ').length)
  expect(steps.filter((step) => step !== 'round')).toHaveLength(90)
  // Each of the three works once before it has to wait for its turn.
  expect(Math.max(...lengths.slice(1))).toBeLessThanOrEqual(7)
})
