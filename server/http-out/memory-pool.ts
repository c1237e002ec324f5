import 'server-only'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { clock } from '@/server/timing/clock'

const MIB = 1024 * 1024
/** Memory for the responses of all connections, in addition to the longest of them. */
const PROGRAM_FREE_BYTES = 256 * MIB

/** The pool that all connections of a program share. */
export function createResponsePool(): MemoryPool {
  return new MemoryPool(PROGRAM_FREE_BYTES)
}

/**
 * Limits the memory for responses of other servers that are being read at once. A limit for each response is not
 * enough: sixteen of the largest take four gigabytes.
 *
 * A response reserves memory as its bytes arrive, so that short ones never wait for each other. When the free bytes are
 * used up, only the oldest response of a pool continues, up to its own limit; it always finishes and releases its
 * memory. A pool therefore never uses more than its free bytes and one response of maximum size.
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

  /** The maximum that was ever reserved. */
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

  /** Waits until memory of this pool is released, the timeout ends or the signal fires. */
  async waitForRelease(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel()
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = clock.after(timeoutMs, done)
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }
}

/** How long one response waits for memory, in total. */
export const MAX_MEMORY_WAIT_MS = 15_000

/** The memory of one response, in every pool that counts it. It must be closed. */
export class MemoryReservation {
  readonly #pools: readonly MemoryPool[]
  #remainingWaitMs: number
  #reservedBytes = 0

  constructor(pools: readonly MemoryPool[], maxWaitMs = MAX_MEMORY_WAIT_MS) {
    this.#pools = pools
    this.#remainingWaitMs = maxWaitMs
  }

  /**
   * Reserves more bytes, waiting for its turn.
   *
   * @throws {AppError} catalog-unavailable when the wait takes too long
   * @throws the signal's reason when it fires during the wait
   */
  async grow(bytes: number, signal?: AbortSignal): Promise<void> {
    // Registered only now: otherwise a server that sends nothing would be the oldest.
    for (const pool of this.#pools) pool.register(this)
    for (;;) {
      signal?.throwIfAborted()
      const fullPool = this.#pools.find((pool) => !pool.canReserve(this, bytes))
      if (!fullPool) break
      if (this.#remainingWaitMs <= 0) throw memoryExhaustedError(fullPool)
      const startedAt = clock.elapsedMs()
      await fullPool.waitForRelease(this.#remainingWaitMs, signal)
      this.#remainingWaitMs -= clock.elapsedMs() - startedAt
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
    `Too many large catalog responses are being read at once (more than ${formatBytes(freeBytes)}), so this one was ` +
      'dropped. Try again in a moment.',
    { facts: { freeBytes } },
  )
}
