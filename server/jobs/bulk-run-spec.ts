import 'server-only'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { Run } from '@/server/db/jobs/runs'

export const CHANGE_TABLES = 'change-tables'

/** The task of a run that carries out a step of a change of many tables. */
export type BulkRunSpec = {
  catalog: string
  bulkChangeId: string
  step: BulkStep
  /** The title and note of the proposals that the step makes. */
  proposal?: { title: string; note: string }
  /** Whether this undo was queued before the run that it undoes has ended: it finds its tables when it begins. */
  isAfterStop?: boolean
}

/** Only one run of a change is executed at a time. */
export function bulkRunKey(bulkChangeId: string): string {
  return `${CHANGE_TABLES} ${bulkChangeId}`
}

/** Null for a run of another kind. */
export function findBulkSpec({ kind, spec }: Pick<Run, 'kind' | 'spec'>): BulkRunSpec | null {
  return kind === CHANGE_TABLES ? (spec as BulkRunSpec) : null
}
