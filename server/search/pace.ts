import 'server-only'
import { clock } from '@/server/timing/clock'

/** Lets at most so many steps begin in a second. */
export class Pace {
  readonly #intervalMs: number
  #nextAtMs = 0

  constructor(stepsPerSecond: number) {
    this.#intervalMs = 1_000 / stepsPerSecond
  }

  async next(signal: AbortSignal): Promise<void> {
    const nowMs = clock.elapsedMs()
    const startMs = Math.max(nowMs, this.#nextAtMs)
    this.#nextAtMs = startMs + this.#intervalMs
    if (startMs > nowMs) await clock.pause(startMs - nowMs, signal)
  }
}
