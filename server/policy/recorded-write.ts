import 'server-only'
import type { Actor } from '@/server/auth/actor'
import type { CommittedTable, WritePlan } from '@/server/catalog/port/catalog-write'
import type { NewAuditEntry } from '@/server/db/audit'
import { claimProposalChange, commitProposalChange } from '@/server/db/catalog/proposal-decisions'
import { type Proposal, type ProposedOn } from '@/server/db/catalog/proposals'
import { commitAuditChanges } from '@/server/db/catalog/snapshot-writers'
import type { Change } from '@/server/db/database'
import { type IdempotencyKey, responseChanges } from '@/server/db/idempotency'
import { proposalInAudit } from './demanded-proposal'

/** Rows that are written together with a change of the lake, of any kind. */
export type WriteRecord = {
  auditId: string
  actor: Pick<Actor, 'username'>
  /** The proposal that is carried out; absent: a user acts alone. */
  proposal?: Proposal | undefined
  /** The transaction fails unless the proposal is still of the entry of this name; not compared if absent. */
  proposedName?: ProposedOn | null
  /** Whether the proposal is carried out with this write; true if absent. */
  endsProposal?: boolean
  /** The id of the audit entry is stored as its response; null if the client sent no key. */
  key?: IdempotencyKey | null
  /** Further conditions of the transaction, in catalogs of our database. */
  guards?: readonly Change[]
  /** The time of the entry, for data whose history is simulated; now if absent. */
  committedAtMs?: number | undefined
}

type Recorded<Written> = {
  /** The entry, as far as it is known before the write. */
  known: NewAuditEntry
  /** The entry after the write; `known` if absent. */
  toEntry?: (written: Written) => NewAuditEntry
  /** Further rows. */
  alongside?: (written: Written, entry: NewAuditEntry) => readonly Change[]
}

/**
 * The options of a catalog's write that record it: the plan that the outbox stores before the request, and the rows that
 * the embedded catalog writes in the transaction of the change.
 */
export function recordWrite<Written>(
  record: WriteRecord,
  { known, toEntry = () => known, alongside = () => [] }: Recorded<Written>,
): { plan: WritePlan; alongside: (written: Written) => Change[] } {
  const { auditId, actor, proposal, proposedName, endsProposal = true, key = null, guards = [], committedAtMs } = record
  const ended = endsProposal ? proposal : undefined
  return {
    plan: {
      auditId,
      entry: withProposal(known, proposal),
      idempotency: key,
      ...(ended && { claim: claimProposalChange(ended.proposalId, auditId) }),
    },
    alongside: (written) => {
      const entry = withProposal(toEntry(written), proposal)
      return [
        ...commitAuditChanges(entry, { id: auditId, ...(committedAtMs !== undefined && { atMs: committedAtMs }) }),
        ...(key ? responseChanges(key, auditId) : []),
        ...(ended
          ? [
              commitProposalChange(ended.proposalId, {
                by: actor.username,
                auditId,
                ...(proposedName && { of: proposedName }),
              }),
            ]
          : []),
        ...guards,
        // They may move the proposals of the table to its new name.
        ...alongside(written, entry),
      ]
    },
  }
}

/**
 * As {@link recordWrite}, for a commit of a table: the outbox completes its entry from the planned result of the
 * commit.
 */
export function recordCommit(
  record: WriteRecord,
  { toEntry, ...recorded }: Recorded<CommittedTable> & { toEntry: (committed: CommittedTable) => NewAuditEntry },
): { plan: WritePlan; alongside: (committed: CommittedTable) => Change[] } {
  const { plan, alongside } = recordWrite(record, { ...recorded, toEntry })
  return { plan: { ...plan, toEntry: (expected) => withProposal(toEntry(expected), record.proposal) }, alongside }
}

function withProposal(entry: NewAuditEntry, proposal: Proposal | undefined): NewAuditEntry {
  return proposal ? { ...entry, after: { ...entry.after, proposal: proposalInAudit(proposal) } } : entry
}
