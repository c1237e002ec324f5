import 'server-only'
import { AppError } from '@/lib/errors'

/** A browser opens one stream per tab, and at most six connections to a server (HTTP/1.1). */
const MAX_STREAMS_PER_USER = 3
const MAX_STREAMS = 500

/** Open event streams, counted by user. */
export class EventStreams {
  readonly #countByUser = new Map<string, number>()

  /**
   * @returns a function that releases the stream
   * @throws {AppError} too-many-requests
   */
  acquire(userId: string): () => void {
    const userCount = this.#countByUser.get(userId) ?? 0
    const totalCount = [...this.#countByUser.values()].reduce((sum, count) => sum + count, 0)
    if (userCount >= MAX_STREAMS_PER_USER || totalCount >= MAX_STREAMS) {
      throw new AppError(
        'too-many-requests',
        'You have too many pages open for live updates. This page checks for changes now and then instead.',
        {
          facts: { pauseSeconds: 30 },
        },
      )
    }
    this.#countByUser.set(userId, userCount + 1)
    return () => {
      const remaining = (this.#countByUser.get(userId) ?? 1) - 1
      if (remaining > 0) this.#countByUser.set(userId, remaining)
      else this.#countByUser.delete(userId)
    }
  }
}
