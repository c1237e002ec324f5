import 'server-only'
import type { Database } from '@/server/db/database'
import { recordTokenUse, type Token } from '@/server/db/auth/tokens'
import type { Log } from '@/server/log'

/** Records when tokens were last used. Each token has at most one write at a time, however many requests present it. */
export class TokenUses {
  readonly #services: { database: Database; log: Log }
  readonly #recording = new Set<string>()

  constructor(services: { database: Database; log: Log }) {
    this.#services = services
  }

  /** The request does not wait for it, so reads work when the database cannot be written, also while it is locked. */
  record(token: Pick<Token, 'tokenId' | 'lastUsedAtMs'>): void {
    const { database, log } = this.#services
    const { tokenId } = token
    if (this.#recording.has(tokenId)) return
    this.#recording.add(tokenId)
    recordTokenUse(database, token)
      .catch((error: unknown) => log.warning('the use of a token was not recorded', { tokenId, reason: String(error) }))
      .finally(() => this.#recording.delete(tokenId))
  }
}
