import 'server-only'
import type { Database } from './database'

/**
 * A database that is opened by its first use. An opening that fails is that use's failure alone: the next use opens
 * anew, since a server that was out of reach may be back.
 *
 * Until it is open, `nowMs` is this machine's clock.
 */
export function openWhenUsed(open: () => Promise<Database>): Database {
  let opening: Promise<Database> | null = null
  let opened: Database | null = null
  const database = () => {
    opening ??= open().then(
      (ready) => {
        opened = ready
        return ready
      },
      (error: unknown) => {
        opening = null
        throw error
      },
    )
    return opening
  }
  return {
    read: async (query) => (await database()).read(query),
    commit: async (changes) => (await database()).commit(changes),
    nowMs: () => opened?.nowMs() ?? Date.now(),
    async close() {
      if (opening) await (await opening).close()
    },
  }
}
