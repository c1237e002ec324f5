import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import type { RequestedAction } from '@/lib/contract/shapes/proposed-table-action'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { AuditEntry } from '@/server/db/audit'
import type { BulkTable, BulkTableResult } from '@/server/db/jobs/bulk-changes'
import type { ChangeRequest } from '../pipeline/change-request'

/** The action of a change on each of its tables, by the actions of single tables. */
export type BulkAction = {
  /** Changes nothing. `ready`: the table can be changed. */
  preview(
    on: TableIdentifier,
    reader: Pick<ChangeRequest, 'actor' | 'signal'>,
  ): Promise<BulkTableResult & { state: 'unchanged' | 'failed' | 'ready' }>
  /** @returns the id of the audit entry */
  commit(on: TableIdentifier, table: BulkTable, request: ChangeRequest): Promise<string>
  /** Null: it cannot be proposed, and no policy holds it, as on a single table. */
  proposals: BulkActionProposals | null
  /** @param entry of the commit that is undone */
  undo(on: TableIdentifier, entry: AuditEntry, request: ChangeRequest): Promise<void>
}

export type BulkActionProposals = {
  toProposed(table: BulkTable): RequestedAction
  /**
   * The part of the review that a commit of the proposal names.
   *
   * @throws {AppError} commit-conflict when the table is no longer as it was proposed
   */
  review(on: TableIdentifier, table: BulkTable, request: ChangeRequest): Promise<Reviewed | undefined>
}
