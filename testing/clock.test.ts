import { describe, expect, it, vi } from 'vitest'
import { clock, type Timer } from '@/server/timing/clock'
import { useShortPauses, useTestClock } from './clock'

const NEVER = new AbortController().signal

describe('The clock of tests', () => {
  it('stands still until it is moved', async () => {
    const time = useTestClock()
    const [nowMs, elapsedMs] = [clock.nowMs(), clock.elapsedMs()]
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect([clock.nowMs(), clock.elapsedMs()]).toEqual([nowMs, elapsedMs])
    await time.advance(86_400_000)
    expect(clock.nowMs()).toBe(nowMs + 86_400_000)
    expect(clock.elapsedMs()).toBeCloseTo(elapsedMs + 86_400_000, 3)
  })

  it('fires what is due in order, each at its own time, with what follows from it', async () => {
    const time = useTestClock()
    const startMs = clock.nowMs()
    const fired: [string, number][] = []
    const record = (name: string) => fired.push([name, clock.nowMs() - startMs])
    clock.after(300, () => record('late'))
    clock.every(100, () => record('regular'))
    clock.after(50, () => {
      record('first')
      void clock.pause(100, NEVER).then(() => record('follows'))
    })
    clock.after(400, () => record('not yet'))
    await time.advance(320)
    expect(fired).toEqual([
      ['first', 50],
      ['regular', 100],
      ['follows', 150],
      ['regular', 200],
      ['late', 300],
      ['regular', 300],
    ])
  })

  it('fires no cancelled timer, and a restarted one later', async () => {
    const time = useTestClock()
    const [cancelled, restarted] = [vi.fn(), vi.fn()]
    clock.every(10, cancelled).unref().cancel()
    const timer = clock.after(10, restarted)
    await time.advance(9)
    timer.restart()
    await time.advance(9)
    expect(restarted).not.toHaveBeenCalled()
    await time.advance(1)
    expect(restarted).toHaveBeenCalledOnce()
    timer.restart()
    await time.advance(100)
    expect(restarted).toHaveBeenCalledOnce()
    expect(cancelled).not.toHaveBeenCalled()
  })

  it('aborts a deadline as the machine does', async () => {
    const time = useTestClock()
    const signal = clock.deadline(1_000)
    await time.advance(999)
    expect(signal.aborted).toBe(false)
    await time.advance(1)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
    expect(signal.reason).toBeInstanceOf(DOMException)
  })

  it('says when the server waits', async () => {
    const time = useTestClock()
    const long = time.whenWaiting((delayMs) => delayMs > 1_000)
    const seen: string[] = []
    void long.then(() => seen.push('long'))
    const stop = new AbortController()
    const paused = clock.pause(500, stop.signal)
    await time.whenWaiting(500)
    expect(seen).toEqual([])
    clock.deadline(2_000)
    await long
    stop.abort()
    await paused
  })

  it('can skip pauses, which take their time nevertheless', async () => {
    const time = useTestClock()
    time.skipPauses()
    const startMs = clock.elapsedMs()
    const onMinute = vi.fn()
    clock.after(60_000, onMinute)
    await clock.pause(40_000)
    expect(onMinute).not.toHaveBeenCalled()
    await clock.pause(40_000)
    expect(onMinute).toHaveBeenCalledOnce()
    expect(clock.elapsedMs()).toBeCloseTo(startMs + 80_000, 3)
  })

  it('can be set to another time of day, while no time passes', () => {
    const time = useTestClock()
    const elapsedMs = clock.elapsedMs()
    time.setTimeOfDay(0)
    expect(clock.nowMs()).toBe(0)
    expect(clock.elapsedMs()).toBe(elapsedMs)
  })

  it('is given back at the end of the test that uses it', ({ onTestFinished }) => {
    // Runs after the clock was given back: the last one first.
    onTestFinished(() => expect(clock.aheadMs()).toBe(0))
    useTestClock()
    expect(clock.aheadMs()).not.toBe(0)
  })

  it('leaves pending timers to the clock of the machine', async () => {
    const time = useTestClock()
    const ended = Promise.withResolvers<void>()
    let count = 0
    const timer: Timer = clock.every(1, () => {
      count += 1
      if (count < 3) return
      timer.cancel()
      ended.resolve()
    })
    const paused = clock.pause(2)
    time.release()
    await Promise.all([ended.promise, paused])
    expect(count).toBe(3)
  })
})

describe('Short pauses', () => {
  it('end soon, while other timers take their time', async () => {
    useShortPauses()
    const other = vi.fn()
    const timer = clock.after(600_000, other)
    await clock.pause(600_000)
    expect(other).not.toHaveBeenCalled()
    timer.cancel()
  })
})

describe('The clock of the machine', () => {
  it('has the same rules', async () => {
    const stop = new AbortController()
    const paused = clock.pause(60_000, stop.signal)
    stop.abort()
    await paused
    await clock.pause(60_000, stop.signal)
    await clock.pause(1)
    const fired = vi.fn()
    clock.every(1, fired).cancel()
    const timer = clock.after(1, fired)
    timer.cancel()
    timer.restart()
    await clock.pause(5)
    expect(fired).not.toHaveBeenCalled()
    const deadline = clock.deadline(1)
    await vi.waitUntil(() => deadline.aborted, { timeout: 60_000 })
    expect(deadline.reason).toMatchObject({ name: 'TimeoutError' })
    expect(clock.aheadMs()).toBe(0)
  })

  it('follows the fake timers of Vitest', async () => {
    vi.useFakeTimers({ now: 5 })
    const fired = vi.fn()
    clock.after(1_000, fired)
    const paused = clock.pause(500).then(fired)
    await vi.advanceTimersByTimeAsync(1_000)
    await paused
    expect(fired).toHaveBeenCalledTimes(2)
    expect(clock.nowMs()).toBe(1_005)
    vi.useRealTimers()
  })
})
