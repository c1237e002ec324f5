import 'server-only'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'

/**
 * Memory for the answers of other servers that are in the air at once. A single bound for each answer is not enough:
 * sixteen of the longest are four gigabytes.
 *
 * An answer takes room as its bytes come, so that short ones never wait for each other. Where the free bytes are used
 * up, only the oldest answer of a pool goes on, up to its own bound; it always comes to its end and gives its room
 * back. A pool therefore never holds more than its free bytes and one longest answer.
 */
export class MemoryPool {
  readonly freeBytes: number
  readonly #reservations = new Set<MemoryReservation>()
  readonly #waiting = new Set<() => void>()
  #usedBytes = 0
  #peakBytes = 0

  constructor(freeBytes: number) {
    this.freeBytes = freeBytes
  }

  /** The most it ever held. */
  get peakBytes(): number {
    return this.#peakBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  register(reservation: MemoryReservation): void {
    this.#reservations.add(reservation)
  }

  release(reservation: MemoryReservation, bytes: number): void {
    this.#reservations.delete(reservation)
    this.#usedBytes -= bytes
    for (const wake of this.#waiting) wake()
  }

  canReserve(reservation: MemoryReservation, bytes: number): boolean {
    const [oldest] = this.#reservations
    return reservation === oldest || this.#usedBytes + bytes <= this.freeBytes
  }

  reserve(bytes: number): void {
    this.#usedBytes += bytes
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes)
  }

  /** Until a room of this pool was given back, the time is over or the signal fires. */
  async waitForRelease(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }
}

/** How long an answer that came waits for room, in all. */
export const MAX_MEMORY_WAIT_MS = 15_000

/** The room of one answer, in every pool it counts for. It must be closed. */
export class MemoryReservation {
  readonly #pools: readonly MemoryPool[]
  #remainingWaitMs: number
  #reservedBytes = 0

  constructor(pools: readonly MemoryPool[], maxWaitMs = MAX_MEMORY_WAIT_MS) {
    this.#pools = pools
    this.#remainingWaitMs = maxWaitMs
  }

  /**
   * Takes room for so many bytes more, waiting for its turn.
   *
   * @throws {AppError} catalog-unavailable when it does not come in time
   * @throws the signal's reason when it fires meanwhile
   */
  async grow(bytes: number, signal?: AbortSignal): Promise<void> {
    // Only now: a server that is silent would otherwise be the oldest.
    for (const pool of this.#pools) pool.register(this)
    for (;;) {
      signal?.throwIfAborted()
      const fullPool = this.#pools.find((pool) => !pool.canReserve(this, bytes))
      if (!fullPool) break
      if (this.#remainingWaitMs <= 0) throw memoryExhaustedError(fullPool)
      const startedAt = performance.now()
      await fullPool.waitForRelease(this.#remainingWaitMs, signal)
      this.#remainingWaitMs -= performance.now() - startedAt
    }
    this.#reservedBytes += bytes
    for (const pool of this.#pools) pool.reserve(bytes)
  }

  close(): void {
    for (const pool of this.#pools) pool.release(this, this.#reservedBytes)
    this.#reservedBytes = 0
  }
}

function memoryExhaustedError({ freeBytes }: MemoryPool): AppError {
  return new AppError(
    'catalog-unavailable',
    `The catalog answered, and its answer was not read: other answers of more than ${formatBytes(freeBytes)} together ` +
      'are being read. Try again in a moment.',
    { facts: { freeBytes } },
  )
}
