import type { Figure } from '@/components/ui/values/figure-strip'
import type { Run } from '@/lib/contract/jobs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { type BulkCounts, countLeft } from './bulk-states'
import type { BulkChangeDetail } from './next-step'

/** A rate means nothing before this. */
const MIN_RATE_MS = 1_000

/** The counts of a change, and the rate of its run while that is open. */
export function bulkFigures({
  counts,
  changedCount,
  step,
  run,
}: Pick<BulkChangeDetail, 'counts' | 'changedCount' | 'step' | 'run'>): Figure[] {
  const peopleCount = counts.proposed + counts['ready-to-propose']
  return [
    ...(step === 'preview' ? [{ label: 'Will change', value: formatCount(counts.ready) }] : []),
    { label: 'Changed', value: formatCount(changedCount) },
    ...(step === 'undo' ? [{ label: 'Undone', value: formatCount(counts.undone), note: notUndone(counts) }] : []),
    { label: 'Unchanged', value: formatCount(counts.unchanged), note: 'need no change' },
    { label: 'Failed', value: formatCount(counts.failed + counts.unknown), note: unknown(counts) },
    { label: 'Need two people', value: formatCount(peopleCount), note: `${formatCount(counts.proposed)} proposed` },
    ...(step === null ? [] : [{ label: 'To go', value: formatCount(countLeft(counts, step)) }]),
    ...(run?.finishedAtMs === null ? rateFigures(run) : []),
  ]
}

function notUndone(counts: BulkCounts): string {
  return `${formatCount(counts['not-undone'])} not undone`
}

function unknown(counts: BulkCounts): string {
  return counts.unknown === 0 ? 'nothing was changed' : `${formatQuantity(counts.unknown, 'outcome')} unknown`
}

function rateFigures({ progress, durationMs }: Run): Figure[] {
  if (progress === null || durationMs === null || durationMs < MIN_RATE_MS || progress.done === 0) return []
  const perSecond = progress.done / (durationMs / 1_000)
  const left = (progress.total ?? progress.done) - progress.done
  return [
    {
      label: 'Rate',
      value: `${perSecond < 10 ? perSecond.toFixed(2) : Math.round(perSecond)} a second`,
      note: `${formatDuration(durationMs)} so far`,
    },
    { label: 'Time left', value: `≈ ${formatDuration((left / perSecond) * 1_000)}` },
  ]
}
