import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'

/** The results that a table of a change of many tables can have, in the order of the page: what needs a user first. */
export const STATE_LABELS: Record<BulkTableState, string> = {
  failed: 'failed',
  unknown: 'outcome unknown',
  'not-undone': 'not undone',
  waiting: 'waiting',
  ready: 'will change',
  'ready-to-propose': 'will be proposed',
  undoing: 'to be undone',
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

/** How many tables a step would take. */
export function countForStep(counts: BulkCounts, step: BulkStep): number {
  if (step === 'preview') return counts.waiting + counts.failed
  if (step === 'commit-proposals') return counts.proposed
  if (step === 'write') return counts.ready + counts['ready-to-propose'] + counts.unknown
  return counts.changed + counts.proposed + counts['not-undone'] + counts.undoing
}
