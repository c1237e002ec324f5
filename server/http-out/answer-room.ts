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
export class RoomPool {
  readonly freeBytes: number
  readonly #rooms = new Set<AnswerRoom>()
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

  enter(room: AnswerRoom): void {
    this.#rooms.add(room)
  }

  leave(room: AnswerRoom, bytes: number): void {
    this.#rooms.delete(room)
    this.#usedBytes -= bytes
    for (const look of this.#waiting) look()
  }

  fits(room: AnswerRoom, bytes: number): boolean {
    const [oldest] = this.#rooms
    return room === oldest || this.#usedBytes + bytes <= this.freeBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes)
  }

  /** Until a room of this pool was given back, the time is over or the signal fires. */
  async change(withinMs: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, withinMs)
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }
}

/** How long an answer that came waits for room, in all. */
export const ROOM_WAIT_MS = 15_000

/** The room of one answer, in every pool it counts for. It must be closed. */
export class AnswerRoom {
  readonly #pools: readonly RoomPool[]
  #leftMs: number
  #heldBytes = 0

  constructor(pools: readonly RoomPool[], waitMs = ROOM_WAIT_MS) {
    this.#pools = pools
    this.#leftMs = waitMs
  }

  /**
   * Takes room for so many bytes more, waiting for its turn.
   *
   * @throws {AppError} catalog-unavailable when it does not come in time
   * @throws the signal's reason when it fires meanwhile
   */
  async grow(bytes: number, signal?: AbortSignal): Promise<void> {
    // Only now: a server that is silent would otherwise be the oldest.
    for (const pool of this.#pools) pool.enter(this)
    for (;;) {
      signal?.throwIfAborted()
      const full = this.#pools.find((pool) => !pool.fits(this, bytes))
      if (!full) break
      if (this.#leftMs <= 0) throw noRoom(full)
      const startedAt = performance.now()
      await full.change(this.#leftMs, signal)
      this.#leftMs -= performance.now() - startedAt
    }
    this.#heldBytes += bytes
    for (const pool of this.#pools) pool.take(bytes)
  }

  close(): void {
    for (const pool of this.#pools) pool.leave(this, this.#heldBytes)
    this.#heldBytes = 0
  }
}

function noRoom({ freeBytes }: RoomPool): AppError {
  return new AppError(
    'catalog-unavailable',
    `The catalog answered, and its answer was not read: other answers of more than ${formatBytes(freeBytes)} together ` +
      'are being read. Try again in a moment.',
    { facts: { freeBytes } },
  )
}
