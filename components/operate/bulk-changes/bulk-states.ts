import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import type { Run } from '@/lib/contract/jobs'

/** The results that a table of a change of many tables can have, in the order of the page: what needs a user first. */
export const STATE_LABELS: Record<BulkTableState, string> = {
  failed: 'failed',
  unknown: 'outcome unknown',
  'not-undone': 'not undone',
  waiting: 'waiting',
  ready: 'will change',
  'ready-to-propose': 'will be proposed',
  undoing: 'to be undone',
  left: 'left as it was',
  changed: 'changed',
  proposed: 'proposed',
  unchanged: 'already so',
  undone: 'undone',
}

export type BulkCounts = Readonly<Record<BulkTableState, number>>

export function presentStates(counts: BulkCounts): BulkTableState[] {
  return (Object.keys(STATE_LABELS) as BulkTableState[]).filter((state) => counts[state] > 0)
}

export function totalOf(counts: BulkCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** How many tables a step would take when it is started. */
export function countForStep(counts: BulkCounts, step: BulkStep): number {
  if (step === 'preview') return counts.waiting + counts.failed + counts.left
  if (step === 'undo') return counts.changed + counts.proposed + counts['not-undone'] + counts.undoing
  return countLeft(counts, step)
}

/** How many tables a run of the step has not reached yet. */
export function countLeft(counts: BulkCounts, step: BulkStep): number {
  if (step === 'preview') return counts.waiting
  if (step === 'commit-proposals') return counts.proposed
  if (step === 'undo') return counts.undoing
  return counts.ready + counts['ready-to-propose'] + counts.unknown
}

/**
 * Whether an undo waits for the end of the run that it undoes: any other undo has marked the changed tables when it was
 * queued.
 */
export function isUndoWaiting({
  run,
  step,
  counts,
}: {
  run: Pick<Run, 'state'> | null
  step: BulkStep | null
  counts: BulkCounts
}): boolean {
  return step === 'undo' && run?.state === 'queued' && counts.changed + counts.proposed > 0
}

/** The step whose run was paused, or stopped before it had taken all tables; null: none. */
export function findPausedStep(
  run: Pick<Run, 'state'> | null,
  step: BulkStep | null,
  counts: BulkCounts,
): BulkStep | null {
  const hasStopped = run?.state === 'cancelled' || run?.state === 'failed'
  return hasStopped && step !== null && countLeft(counts, step) > 0 ? step : null
}
