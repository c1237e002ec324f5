import 'server-only'
import { readAudit } from '@/server/db/audit-list'
import { postponeCheck, removePendingWrite, savePendingWrite } from '@/server/db/catalog/pending-writes'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import type { Outbox } from './port/outbox'

/** How long after a lost response the first worker checks. The request may still be on its way. */
const FIRST_LOOK_MS = 15_000

export function databaseOutbox(database: Database): Outbox {
  return {
    save: (write, claim) => savePendingWrite(database, write, claim),
    async record(id, changes) {
      if (id === null) {
        if (changes.length > 0) await database.commit(changes)
        return
      }
      try {
        await database.commit([removePendingWrite(id), ...changes])
      } catch (error) {
        if (!(error instanceof UnexpectedChanges && error.index === 0)) throw error
        // A worker was first, because this process took very long. It recorded the commit if the catalog showed it.
        if ((await readAudit(database, id)) === null) await database.commit(changes)
      }
    },
    async withdraw(id) {
      await database.commit([removePendingWrite(id)])
    },
    release: (id) => postponeCheck(database, id, FIRST_LOOK_MS),
  }
}
