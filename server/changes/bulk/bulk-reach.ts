import 'server-only'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { formatCount, formatQuantity } from '@/lib/format/count'

type Counts = Partial<Record<BulkTableState, number>>

/** The states of tables that the step has dealt with, and the participle for them. */
const REACHED: Record<BulkStep, { states: readonly BulkTableState[]; participle: string }> = {
  preview: { states: ['ready', 'ready-to-propose', 'unchanged', 'failed', 'changed'], participle: 'previewed' },
  write: { states: ['changed'], participle: 'changed' },
  'commit-proposals': { states: ['changed'], participle: 'changed' },
  undo: { states: ['undone'], participle: 'restored' },
}

/**
 * How far a run came that ended early: `92 of 600 tables were changed; the others stay as they are.`
 *
 * @param counts the tables to which the run gave a result, by their states
 */
export function describeReach(step: BulkStep, counts: Counts, tableCount: number): string {
  const { states, participle } = REACHED[step]
  const reachedCount = states.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const proposedCount = step === 'write' ? (counts.proposed ?? 0) : 0
  const unknownCount = step === 'preview' ? 0 : (counts.unknown ?? 0) + (counts.undoing ?? 0)
  const restCount = tableCount - reachedCount - proposedCount - unknownCount
  if (restCount === tableCount) return `No table was ${participle}.`
  const parts = [
    `${formatCount(reachedCount)} of ${formatQuantity(tableCount, 'table')} ${reachedCount === 1 ? 'was' : 'were'} ${participle}`,
    ...(proposedCount === 0 ? [] : [`${formatCount(proposedCount)} ${proposedCount === 1 ? 'was' : 'were'} proposed`]),
    ...(unknownCount === 0 ? [] : [`the outcome of ${formatCount(unknownCount)} is not known`]),
    ...(restCount > 0 ? ['the others stay as they are'] : []),
  ]
  return `${parts.join('; ')}.`
}
