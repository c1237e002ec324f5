import type { ActionReviewProps } from '@/components/changes/action/action-review'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import { toScripts } from './lifecycle-scripts'

/** The parts of an entry that a rename leaves as they are, in one sentence. */
export const RENAME_STAYS = {
  table: 'Files, location, uuid, snapshots and history stay as they are.',
  view: 'Versions, location and uuid stay as they are.',
} as const

/** The consequence of a rename for others, in one sentence. */
export function renameConsequence(kind: 'table' | 'view'): string {
  return `Queries, jobs and links that name the ${kind} by its old name will no longer find it.`
}

/** The parts of the review of a rename, of a table or a view. */
export function renameParts(review: TableRenameReview | undefined): ActionReviewProps {
  return {
    skeleton: [4, 2, 'Checking the name'],
    ...(review && { warnings: review.warnings, request: review.request, scripts: toScripts(review.statements) }),
  }
}
