import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import {
  createDuckdb,
  type DuckdbLimits,
  type DuckdbSession,
  openDuckdbSession,
  type OpenSession,
  restrictDuckdb,
  type UnrestrictedDuckdb,
} from './duckdb-session'

/** Sessions one after the other, which are created and closed while no one waits for them. */
export class SessionsAhead {
  #limits: DuckdbLimits | null = null
  #next: UnrestrictedDuckdb | null = null
  #ended: DuckdbSession[] = []

  /** Opens a session. It is closed for good by {@link prepare}. */
  readonly open: OpenSession = async (paths, limits) => {
    const next = this.#takeNext(limits)
    const session = await (next ? restrictDuckdb(next, paths) : openDuckdbSession(paths, limits))
    return { ...session, close: () => void this.#ended.push(session) }
  }

  /** Closes the sessions that have ended, and creates a DuckDB for another one with the limits of the last. */
  async prepare(): Promise<void> {
    for (const session of this.#ended.splice(0)) session.close()
    if (this.#limits !== null && this.#next === null) this.#next = await createDuckdb(this.#limits)
  }

  #takeNext(limits: DuckdbLimits): UnrestrictedDuckdb | null {
    const next = this.#next
    const isUsable = isDeepStrictEqual(this.#limits, limits)
    this.#limits = limits
    this.#next = null
    if (isUsable) return next
    next?.connection.closeSync()
    next?.instance.closeSync()
    return null
  }
}
