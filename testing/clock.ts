import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Clock, MACHINE_CLOCK, pauseOn, setClock, type Timer } from '@/server/timing/clock'

type PendingTimer = { dueAtMs: number; delayMs: number; isRepeated: boolean; callback: () => void }
type IsExpected = (delayMs: number) => boolean
type Watcher = { isExpected: IsExpected; resolve: () => void }

/**
 * Gives the server a clock that stands still until the test moves it, until the end of the test. Timers that started
 * before stay with the clock of the machine.
 */
export function useTestClock(): TestClock {
  const testClock = new TestClock()
  setClock(testClock)
  onTestFinished(() => testClock.release())
  return testClock
}

const SHORT_PAUSE_MS = 5

/**
 * Shortens every pause of the server to a few milliseconds, until the end of the test. All other time passes as usual,
 * so leases hold: for tests in which the server polls for the end of work that takes its time.
 */
export function useShortPauses(): void {
  setClock({
    ...MACHINE_CLOCK,
    pause: (delayMs, signal) => MACHINE_CLOCK.pause(Math.min(delayMs, SHORT_PAUSE_MS), signal),
  })
  onTestFinished(() => setClock(null))
}

/** It begins at the time of the machine. Nothing that waits for it continues by itself. */
export class TestClock implements Clock {
  /** The same moment by each clock. */
  readonly #start = { epochMs: Date.now(), machineMs: performance.now() }
  readonly #timers = new Set<PendingTimer>()
  readonly #watchers = new Set<Watcher>()
  #movedMs = 0
  #correctedMs = 0
  #skipsPauses = false

  // Arrow functions, because the server passes some of them on.
  nowMs = (): number => Math.floor(this.#start.epochMs + this.#movedMs + this.#correctedMs)
  elapsedMs = (): number => this.#start.machineMs + this.#movedMs
  aheadMs = (): number => this.elapsedMs() - performance.now()
  after = (delayMs: number, callback: () => void): Timer => this.#startTimer(delayMs, callback, false)
  every = (intervalMs: number, callback: () => void): Timer => this.#startTimer(intervalMs, callback, true)

  deadline = (delayMs: number): AbortSignal => {
    const controller = new AbortController()
    this.after(delayMs, () => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    })
    return controller.signal
  }

  pause = async (delayMs: number, signal?: AbortSignal): Promise<void> => {
    if (!this.#skipsPauses) return pauseOn(this, delayMs, signal)
    if (!signal?.aborted) await this.advance(delayMs)
  }

  /**
   * Lets time pass: fires what is due, in order, each at its own time and with a turn of the event loop after it, in
   * which its consequences may start further timers.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#movedMs + ms
    for (;;) {
      await setImmediate()
      const next = [...this.#timers].toSorted((a, b) => a.dueAtMs - b.dueAtMs)[0]
      if (next === undefined || next.dueAtMs > endMs) break
      this.#moveTo(next.dueAtMs)
      this.#fire(next)
    }
    this.#moveTo(endMs)
  }

  /** Corrects the time of day, as an operator may, without letting time pass. */
  setTimeOfDay(epochMs: number): void {
    this.#correctedMs += epochMs - this.nowMs()
  }

  /** From now on every pause ends in the next turn of the event loop, and moves the clock on by its length. */
  skipPauses(): void {
    this.#skipsPauses = true
  }

  /** Resolves when the server waits for this long, by a timer, a deadline or a pause: at once if it does already. */
  async whenWaiting(expected: number | IsExpected): Promise<void> {
    const isExpected: IsExpected = typeof expected === 'number' ? (delayMs) => delayMs === expected : expected
    if ([...this.#timers].some(({ delayMs }) => isExpected(delayMs))) return
    await new Promise<void>((resolve) => this.#watchers.add({ isExpected, resolve }))
  }

  /** Gives the server the clock of the machine again. Timers that are pending continue there. */
  release(): void {
    setClock(null)
    for (const timer of this.#timers) {
      const remainingMs = Math.max(0, timer.dueAtMs - this.#movedMs)
      setTimeout(() => this.#continueOnMachine(timer), remainingMs).unref()
    }
  }

  #continueOnMachine(timer: PendingTimer): void {
    if (!this.#timers.has(timer)) return
    if (timer.isRepeated) setTimeout(() => this.#continueOnMachine(timer), timer.delayMs).unref()
    else this.#timers.delete(timer)
    timer.callback()
  }

  #startTimer(delayMs: number, callback: () => void, isRepeated: boolean): Timer {
    const pending: PendingTimer = { dueAtMs: this.#movedMs + Math.max(0, delayMs), delayMs, isRepeated, callback }
    this.#timers.add(pending)
    for (const watcher of this.#watchers) {
      if (!watcher.isExpected(delayMs)) continue
      this.#watchers.delete(watcher)
      watcher.resolve()
    }
    const timer: Timer = {
      cancel: () => void this.#timers.delete(pending),
      restart: () => void (pending.dueAtMs = this.#movedMs + delayMs),
      unref: () => timer,
    }
    return timer
  }

  #fire(timer: PendingTimer): void {
    if (timer.isRepeated) timer.dueAtMs += Math.max(1, timer.delayMs)
    else this.#timers.delete(timer)
    timer.callback()
  }

  #moveTo(movedMs: number): void {
    this.#movedMs = Math.max(this.#movedMs, movedMs)
  }
}
