import 'server-only'
import type { Actor } from '@/server/auth/actor'
import { type ClientUse, clientUseChanges, toUtcDay } from '@/server/db/catalog/table-clients'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import { toClientName } from './client-names'

/** Uses that were recorded already. When there are more, all are forgotten, and recorded again. */
const MAX_REMEMBERED = 20_000
/** Uses that wait for the database. Further ones are recorded when the client uses the table again. */
const MAX_WAITING = 1_000
const USES_PER_COMMIT = 200

/**
 * Records which clients of the REST catalog read and write which tables, once for each client, table, kind of access and
 * day in this process. Requests do not wait for it, so they work when the database cannot be written; uses that come
 * while a commit is in progress are written together after it.
 */
export class ClientUses {
  readonly #services: { database: Database; log: Log }
  readonly #recorded = new Set<string>()
  #waiting: { key: string; use: ClientUse }[] = []
  #writing: Promise<void> | null = null

  constructor(services: { database: Database; log: Log }) {
    this.#services = services
  }

  /**
   * @param engine what a commit or a report says about its engine, with the version; null if it says nothing
   * @param library the library of that engine, if the commit or the report names it
   */
  record(
    actor: Pick<Actor, 'via'>,
    {
      tableUuid,
      access,
      engine = null,
      library = null,
    }: Pick<ClientUse, 'tableUuid' | 'access'> & { engine?: string | null; library?: string | null },
  ): void {
    const client = library ?? actor.via?.client ?? null
    const day = toUtcDay(this.#services.database.nowMs())
    const key = JSON.stringify([tableUuid, day, client, engine, access])
    if (this.#recorded.has(key) || this.#waiting.length >= MAX_WAITING) return
    if (this.#recorded.size >= MAX_REMEMBERED) this.#recorded.clear()
    this.#recorded.add(key)
    this.#waiting.push({ key, use: { tableUuid, day, access, client: toClientName(client, engine) } })
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when everything that was recorded until now is written, or has failed. */
  async settle(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    const { database, log } = this.#services
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, USES_PER_COMMIT)
      this.#waiting = this.#waiting.slice(USES_PER_COMMIT)
      try {
        await database.commit(clientUseChanges(batch.map(({ use }) => use)))
      } catch (error) {
        // A later request of the client records it again.
        for (const { key } of batch) this.#recorded.delete(key)
        log.warning('the clients of tables were not recorded', { uses: batch.length, reason: String(error) })
      }
    }
    this.#writing = null
  }
}
