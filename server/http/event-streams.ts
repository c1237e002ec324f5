import 'server-only'
import { AppError } from '@/lib/errors'

/** A browser opens one per tab, and has six connections to a server in all (HTTP/1.1). */
const MOST_PER_PERSON = 3
const MOST_STREAMS = 500

/** Open streams of events, counted by person. */
export class EventStreams {
  readonly #byPerson = new Map<string, number>()

  /**
   * @returns what gives the place back
   * @throws {AppError} too-many-requests
   */
  takePlace(userId: string): () => void {
    const ofPerson = this.#byPerson.get(userId) ?? 0
    const ofAll = [...this.#byPerson.values()].reduce((sum, count) => sum + count, 0)
    if (ofPerson >= MOST_PER_PERSON || ofAll >= MOST_STREAMS) {
      throw new AppError('too-many-requests', 'Too many pages are told of changes already: this one has to ask.', {
        facts: { pauseSeconds: 30 },
      })
    }
    this.#byPerson.set(userId, ofPerson + 1)
    return () => {
      const left = (this.#byPerson.get(userId) ?? 1) - 1
      if (left > 0) this.#byPerson.set(userId, left)
      else this.#byPerson.delete(userId)
    }
  }
}
