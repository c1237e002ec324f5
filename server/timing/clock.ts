import 'server-only'

/**
 * Where the server reads the time and waits for it. Tests replace the clock (`testing/clock.ts`), so that they neither
 * wait for time to pass nor depend on how busy the machine is. Leases and times in the database keep the database's
 * clock (`Database.nowMs`), which follows this one.
 */

export type Timer = {
  /** Prevents later calls of the callback. Has no effect after the last one. */
  cancel(): void
  /** Starts the delay again, unless the timer was cancelled. */
  restart(): void
  /** Lets the process end while the timer is pending. */
  unref(): Timer
}

export type Clock = {
  /** Since the epoch. It jumps, also backwards, when the clock of the machine is corrected. */
  nowMs: () => number
  /** Since an arbitrary moment. It only goes forward, so durations and deadlines are measured with it. */
  elapsedMs: () => number
  /** How far a test has moved this clock ahead of the clocks of other machines; 0 outside tests. */
  aheadMs: () => number
  /** Calls back once. */
  after: (delayMs: number, callback: () => void) => Timer
  /** Calls back again and again, the first time after one interval. */
  every: (intervalMs: number, callback: () => void) => Timer
  /** A signal that is aborted with a `TimeoutError`. It does not keep the process alive. */
  deadline: (delayMs: number) => AbortSignal
  /** Resolves when the time is over or the signal is aborted, whichever is first. */
  pause: (delayMs: number, signal?: AbortSignal) => Promise<void>
}

/** The clock of the machine. Globals are looked up at each call, because tests may fake those, too. */
export const MACHINE_CLOCK: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  aheadMs: () => 0,
  after(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs)
    return createTimer(timeout, () => clearTimeout(timeout))
  },
  every(intervalMs, callback) {
    const interval = setInterval(callback, intervalMs)
    return createTimer(interval, () => clearInterval(interval))
  },
  deadline: (delayMs) => AbortSignal.timeout(delayMs),
  pause: (delayMs, signal) => pauseOn(MACHINE_CLOCK, delayMs, signal),
}

let current = MACHINE_CLOCK

/** The clock of this process, the same one after {@link setClock}. */
export const clock: Clock = {
  nowMs: () => current.nowMs(),
  elapsedMs: () => current.elapsedMs(),
  aheadMs: () => current.aheadMs(),
  after: (delayMs, callback) => current.after(delayMs, callback),
  every: (intervalMs, callback) => current.every(intervalMs, callback),
  deadline: (delayMs) => current.deadline(delayMs),
  pause: (delayMs, signal) => current.pause(delayMs, signal),
}

/**
 * Replaces the clock of this process, for tests. Timers that are pending stay with the clock that started them.
 *
 * @param replacement null: the clock of the machine
 */
export function setClock(replacement: Clock | null): void {
  current = replacement ?? MACHINE_CLOCK
}

/** {@link Clock.pause} by a timer of the clock. */
export function pauseOn({ after }: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      timer.cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = after(delayMs, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}

function createTimer(handle: NodeJS.Timeout, cancel: () => void): Timer {
  const timer: Timer = {
    cancel,
    restart: () => void handle.refresh(),
    unref() {
      handle.unref()
      return timer
    },
  }
  return timer
}
