import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import type { UndoPreview } from '@/lib/contract/table/history'
import type { Services } from '@/server/services'
import { planUndo, readUndoPreview } from '@/server/table/commit/undo-plan'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import { reviewPlan } from '../pipeline/review-problem'
import { type ChangedTable, commitTableIntents } from './change-table'
import { reviewIntents } from './review-intents'

type UndoServices = Pick<Services, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'metadataFiles'>
type Undo = {
  auditId: string
  safetyTag: SafetyTag | null
  /** The undone action, if the user names it. */
  undone?: string
}

/**
 * Undoes an entry of the history of a table, as an ordinary commit on top of later ones. Safety tags stay; drops,
 * renames and creations of tables cannot be undone so.
 *
 * @throws {AppError} not-found when the table has no such entry, not-supported when it cannot be undone, commit-conflict
 *   when the same thing was changed since, invalid-request when a branch or a tag loses snapshots and the name is not
 *   confirmed
 */
export const undoAction: ProposableAction<
  UndoServices,
  TableIdentifier,
  Undo,
  NothingReviewed,
  ChangedTable,
  UndoPreview
> = {
  kind: 'undo',
  isHeld: true,
  // The entry says what its undo changes, and the commit checks that nothing else has changed that since.
  toReviewed: () => ({}),
  async review({ services, catalog, signal }, on, { auditId, safetyTag, undone }) {
    const table = await catalog.loadTable(on, { signal })
    return reviewPlan(
      () => planUndo(services, table, auditId, { safetyTag, signal }),
      async (planned) => {
        const { entry, intents } = planned
        if (undone !== undefined && entry.action !== undone)
          throw new AppError('invalid-request', `The entry of the history is ${entry.action}, not ${undone}.`)
        const { problem } = await reviewIntents(services.keys, catalog, table, intents, signal)
        return { problem, show: () => readUndoPreview(services, { ...planned, catalog, table }, signal) }
      },
    )
  },
  async commit(attempt, on, { auditId, safetyTag }) {
    const { signal, services } = attempt
    const table = await attempt.loadTable(on)
    const { entry, intents } = await planUndo(services, table, auditId, { safetyTag, signal })
    return commitTableIntents(attempt, on, intents, { action: 'undo', undoes: entry.id })
  },
  repeat: async (attempt, on) => ({ table: await attempt.loadTable(on) }),
}
