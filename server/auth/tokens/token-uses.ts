import 'server-only'
import type { Database } from '@/server/db/database'
import { recordTokenUse, type UsedSecret } from '@/server/db/auth/tokens'
import type { Log } from '@/server/log'

/** Records when secrets of tokens were last used. Each has at most one write at a time, however many requests present it. */
export class TokenUses {
  readonly #services: { database: Database; log: Log }
  readonly #recording = new Set<string>()

  constructor(services: { database: Database; log: Log }) {
    this.#services = services
  }

  /** The request does not wait for it, so reads work when the database cannot be written, also while it is locked. */
  record(secret: UsedSecret): void {
    const { database, log } = this.#services
    const { tokenId, secretHash } = secret
    if (this.#recording.has(secretHash)) return
    this.#recording.add(secretHash)
    recordTokenUse(database, secret)
      .catch((error: unknown) => log.warning('the use of a token was not recorded', { tokenId, reason: String(error) }))
      .finally(() => this.#recording.delete(secretHash))
  }
}
