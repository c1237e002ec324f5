import 'server-only'
import { pause } from '@/server/timing/pause'

/** Lets at most so many steps begin in a second. */
export class Pace {
  readonly #intervalMs: number
  #nextAtMs = 0

  constructor(stepsPerSecond: number) {
    this.#intervalMs = 1_000 / stepsPerSecond
  }

  async next(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now()
    const startMs = Math.max(nowMs, this.#nextAtMs)
    this.#nextAtMs = startMs + this.#intervalMs
    if (startMs > nowMs) await pause(startMs - nowMs, signal)
  }
}
