import 'server-only'
import type { Actor } from '@/server/auth/actor'
import { listOpenBulkProposals, type OpenBulkProposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'
import { readStoredBulkChange, type StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import { mayCarryOut } from './bulk-permissions'
import { readVisibleNames } from './read-bulk-change'

/** Each takes the names of all its tables. */
const MAX_LISTED = 20

export type WaitingBulkProposal = OpenBulkProposal & {
  proposedBy: StoredBulkChange['startedBy']
  /** How many of its tables the actor may decide on; all that the actor may read, if the actor started it. */
  tableCount: number
}

/**
 * The changes of many tables with open proposals that wait for the actor, and those that the actor started, newest first:
 * one for each, however many tables it has.
 *
 * `isTruncated`: there may be more.
 */
export async function readWaitingBulkProposals(
  database: Database,
  actor: Actor,
): Promise<{ proposals: WaitingBulkProposal[]; isTruncated: boolean }> {
  const open = await listOpenBulkProposals(database, { limit: MAX_LISTED + 1 })
  const found = await Promise.all(
    open.slice(0, MAX_LISTED).map(async (one): Promise<WaitingBulkProposal | null> => {
      const change = await readStoredBulkChange(database, one.bulkChangeId)
      if (change === null) return null
      const isOwn = change.startedBy.userId === actor.userId
      const names = await readVisibleNames(database, change, actor)
      const { length: tableCount } = names.filter(
        ({ namespace, table, state }) =>
          state === 'proposed' && (isOwn || mayCarryOut(actor, change, { catalog: change.catalog, namespace, table })),
      )
      return tableCount === 0 ? null : { ...one, proposedBy: change.startedBy, tableCount }
    }),
  )
  return { proposals: found.filter((one) => one !== null), isTruncated: open.length > MAX_LISTED }
}
