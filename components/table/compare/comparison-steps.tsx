'use client'
import { Button } from '@mantine/core'
import type { ComponentProps } from 'react'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import classes from './compare-snapshots.module.css'
import { ComparisonResults } from './comparison-results'
import type { ComparisonState } from './use-comparison'

type ComparisonStepsProps = Omit<ComponentProps<typeof ComparisonResults>, 'state'> & {
  state: ComparisonState & { kind: 'waiting' | 'running' | 'compared' }
  onStart: () => void
  onCancel: () => void
}

/** A comparison whose files are known, from the question whether to read them to the rows that differ. */
export function ComparisonSteps({ state, onStart, onCancel, ...results }: ComparisonStepsProps) {
  switch (state.kind) {
    case 'waiting':
      return <Question plan={state.plan} wasCancelled={state.wasCancelled} onStart={onStart} />
    case 'running':
      return <Running state={state} onCancel={onCancel} />
    case 'compared':
      return <ComparisonResults state={state} {...results} />
  }
}

/** Before much is read, and after a cancellation. */
function Question({
  plan,
  wasCancelled,
  onStart,
}: {
  plan: SnapshotComparison
  wasCancelled: boolean
  onStart: () => void
}) {
  const { bytes, rowCount, fileCount } = differingTotals(plan)
  return (
    <div className={classes.note} role="status">
      <p className={classes.question}>
        {wasCancelled && 'The comparison was cancelled. '}This comparison has to read {formatBytes(bytes)}: the
        snapshots differ in {formatQuantity(fileCount, 'file')} with up to {formatQuantity(rowCount, 'row')}. Choose
        snapshots that are closer together to read less.
      </p>
      <Button onClick={onStart}>Read {formatBytes(bytes)} and compare</Button>
    </div>
  )
}

function differingTotals({ before, after }: SnapshotComparison) {
  return {
    bytes: before.differing.bytes + after.differing.bytes,
    rowCount: before.differing.rowCount + after.differing.rowCount,
    fileCount: before.differing.fileCount + after.differing.fileCount,
  }
}

function Running({ state, onCancel }: { state: ComparisonState & { kind: 'running' }; onCancel: () => void }) {
  const { progress, cost, plan } = state
  const share = progress === null || progress.rowCount === 0 ? 0 : progress.rowsRead / progress.rowCount
  return (
    <div className={classes.note}>
      <p role="status">{progress?.phase === 'summarize' ? 'Counting what changed' : 'Reading the files that differ'}</p>
      <ProgressBar label="Rows compared" share={Math.min(1, share)} />
      <p className={classes.progressNote}>
        {progress === null
          ? formatQuantity(differingTotals(plan).rowCount, 'row')
          : `${formatQuantity(progress.rowsRead, 'row')} of ${formatQuantity(progress.rowCount, 'row')}`}
        {cost !== null && `, ${formatBytes(cost.bytesRead)} read`}
      </p>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  )
}
