import 'server-only'
import { AppError } from '@/lib/errors'
import { clock } from './clock'

export type SlotLimits = {
  perUser: number
  total: number
  /** Why another stream is refused. */
  refusal: string
  pauseSeconds: number
}

/** Open streams of one kind, counted by user. */
export class StreamSlots {
  readonly #limits: SlotLimits
  readonly #countByUser = new Map<string, number>()

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /**
   * @returns a function that releases the stream
   * @throws {AppError} too-many-requests
   */
  acquire(userId: string): () => void {
    const { perUser, total, refusal, pauseSeconds } = this.#limits
    const userCount = this.#countByUser.get(userId) ?? 0
    const totalCount = [...this.#countByUser.values()].reduce((sum, count) => sum + count, 0)
    if (userCount >= perUser || totalCount >= total) {
      throw new AppError('too-many-requests', refusal, { facts: { pauseSeconds } })
    }
    this.#countByUser.set(userId, userCount + 1)
    let isReleased = false
    return () => {
      if (isReleased) return
      isReleased = true
      const remaining = (this.#countByUser.get(userId) ?? 1) - 1
      if (remaining > 0) this.#countByUser.set(userId, remaining)
      else this.#countByUser.delete(userId)
    }
  }

  /**
   * The same, but waits up to two seconds for another stream to end: that of the user may just have been cancelled.
   *
   * @throws {AppError} too-many-requests
   */
  async acquireSoon(userId: string, signal: AbortSignal): Promise<() => void> {
    const startedAtMs = clock.elapsedMs()
    for (;;) {
      try {
        return this.acquire(userId)
      } catch (error) {
        if (clock.elapsedMs() - startedAtMs > MAX_WAIT_MS) throw error
        await clock.pause(WAIT_STEP_MS, signal)
        signal.throwIfAborted()
      }
    }
  }
}

const MAX_WAIT_MS = 2_000
const WAIT_STEP_MS = 50

/** A browser opens one stream per tab, and at most six connections to a server (HTTP/1.1). */
export function createEventSlots(): StreamSlots {
  return new StreamSlots({
    perUser: 3,
    total: 500,
    refusal: 'You have too many pages open for live updates. This page checks for changes now and then instead.',
    pauseSeconds: 30,
  })
}

/** Each takes a thread, and up to the memory of the reader's limits. */
export function createRowSlots(): StreamSlots {
  return new StreamSlots({
    perUser: 2,
    total: 4,
    refusal: 'Too many streams of rows are open. Read again when one of them has ended.',
    pauseSeconds: 5,
  })
}

/** Each takes a process. If there are several, one user leaves one for others. */
export function createQuerySlots(processes: number): StreamSlots {
  return new StreamSlots({
    perUser: Math.max(1, processes - 1),
    total: processes,
    refusal: 'The server is already running as many queries as it may. Run the query again when one of them has ended.',
    pauseSeconds: 5,
  })
}

/** Each takes a process for a second or so. Forms ask for one after every change. */
export function createPreviewSlots(): StreamSlots {
  return new StreamSlots({
    perUser: 2,
    total: 4,
    refusal: 'The server is already reading as many previews as it may. This one is read again in a moment.',
    pauseSeconds: 2,
  })
}

/** Each sends requests to a bucket, or reads folders, for up to half a minute. */
export function createFileSearchSlots(): StreamSlots {
  return new StreamSlots({
    perUser: 2,
    total: 8,
    refusal: 'The server is already looking for files as often as it may. Search again in a moment.',
    pauseSeconds: 2,
  })
}

/** Each takes the memory of a part or two. A page sends three files at a time. */
export function createUploadSlots(): StreamSlots {
  return new StreamSlots({
    perUser: 6,
    total: 32,
    refusal:
      'The server is already receiving as many files as it may. Send this one again when another one is complete.',
    pauseSeconds: 5,
  })
}
