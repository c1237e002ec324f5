import 'server-only'
import { AppError } from '@/lib/errors'

/** A browser opens one per tab, and has six connections to a server in all (HTTP/1.1). */
const MAX_STREAMS_PER_USER = 3
const MAX_STREAMS = 500

/** Open streams of events, counted by person. */
export class EventStreams {
  readonly #countByUser = new Map<string, number>()

  /**
   * @returns what gives the place back
   * @throws {AppError} too-many-requests
   */
  acquire(userId: string): () => void {
    const userCount = this.#countByUser.get(userId) ?? 0
    const totalCount = [...this.#countByUser.values()].reduce((sum, count) => sum + count, 0)
    if (userCount >= MAX_STREAMS_PER_USER || totalCount >= MAX_STREAMS) {
      throw new AppError('too-many-requests', 'Too many pages are told of changes already: this one has to ask.', {
        facts: { pauseSeconds: 30 },
      })
    }
    this.#countByUser.set(userId, userCount + 1)
    return () => {
      const remaining = (this.#countByUser.get(userId) ?? 1) - 1
      if (remaining > 0) this.#countByUser.set(userId, remaining)
      else this.#countByUser.delete(userId)
    }
  }
}
