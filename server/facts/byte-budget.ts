import 'server-only'
import { clock } from '@/server/timing/clock'

const MINUTE_MS = 60_000

/**
 * How many bytes may be read in a minute. The size of a response is known when it was read, so one response may exceed
 * the budget; the next ones then wait until it is made up for.
 */
export class ByteBudget {
  readonly #bytesPerMinute: number
  #bytes: number
  #countedAtMs = clock.elapsedMs()

  constructor(bytesPerMinute: number) {
    this.#bytesPerMinute = bytesPerMinute
    this.#bytes = bytesPerMinute
  }

  hasLeft(): boolean {
    this.#refill()
    return this.#bytes > 0
  }

  spend(bytes: number): void {
    this.#refill()
    this.#bytes -= bytes
  }

  #refill(): void {
    const nowMs = clock.elapsedMs()
    const addedBytes = ((nowMs - this.#countedAtMs) / MINUTE_MS) * this.#bytesPerMinute
    this.#bytes = Math.min(this.#bytesPerMinute, this.#bytes + addedBytes)
    this.#countedAtMs = nowMs
  }
}
