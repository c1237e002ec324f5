import 'server-only'
import type { PendingWrite } from '@/server/db/catalog/pending-writes'
import type { WriteEvidence } from '@/server/db/catalog/write-evidence'
import type { Change } from '@/server/db/database'

/** Where a remote catalog stores its writes until they are recorded. */
export type Outbox = {
  /** @param claim see `WritePlan` */
  save(write: PendingWrite, claim?: Change): Promise<void>
  /**
   * Makes the changes, and removes the pending write, in one transaction.
   *
   * @param id null: the write was not stored
   */
  record(id: string | null, changes: readonly Change[]): Promise<void>
  /** Removes a write that was certainly not made. */
  withdraw(id: string): Promise<void>
  /** Leaves a write to the workers, which look up its outcome. */
  release(id: string): Promise<void>
}

/**
 * A write as a catalog shows it. `open`: it may have been made, or may still be. `metadataLocation`: of the version
 * that a commit wrote, if it is known.
 */
export type FoundOutcome = {
  outcome: 'committed' | 'not-committed' | 'open'
  metadataLocation: string | null
}

export type FindOutcome = (
  evidence: WriteEvidence,
  options: { sentAtMs: number; signal: AbortSignal },
) => Promise<FoundOutcome>
