import { Button } from '@mantine/core'
import { IconFiles } from '@tabler/icons-react'
import { PageFooter } from '@/components/ui/page-footer'
import type { ReadState } from '@/lib/client/rows/read-state'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './read-cost-footer.module.css'
import { SearchStatus } from './search-status'
import { SizeMismatches } from './size-mismatches'

const KEYS = [
  { keys: ['↵'], does: 'open' },
  { keys: ['Space'], does: 'row details' },
]

/** The cost of reading the rows: files, bytes and time. */
export function ReadCostFooter({
  plan,
  state: { cost, elapsedMs, isReading, rowCount, counting, countProblem, search },
  onCount,
  onStop,
}: {
  plan: SignedScanPlan
  state: ReadState
  /** Counts all rows, or searches on. */
  onCount: () => void
  /** Ends the search for rows that match. */
  onStop: () => void
}) {
  return (
    <PageFooter keys={KEYS}>
      <span className={classes.files}>
        <IconFiles size={14} stroke={1.6} aria-hidden />
        <strong>
          {formatCount(cost.filesRead)} of {formatQuantity(plan.fileCount, 'file')}
        </strong>
      </span>
      <span title={`${formatExactBytes(cost.bytesRead)} in ${formatQuantity(cost.requests, 'request')}`}>
        {formatBytes(cost.bytesRead)}
        {/* Reads of small files can exceed their size: delete files count too, and some ranges are read twice. */}
        {plan.totalBytes !== null && cost.bytesRead <= plan.totalBytes && ` of ${formatBytes(plan.totalBytes)}`}
      </span>
      <SizeMismatches mismatches={cost.sizeMismatches} />
      <span>{elapsedMs === null ? (isReading ? 'reading…' : '') : formatDuration(elapsedMs)}</span>
      {search && <SearchStatus search={search} fileCount={plan.fileCount} onContinue={onCount} onStop={onStop} />}
      {search === null && (
        <RowCount rowCount={rowCount} counting={counting} countProblem={countProblem} onCount={onCount} />
      )}
    </PageFooter>
  )
}

function RowCount({
  rowCount,
  counting,
  countProblem,
  onCount,
}: Pick<ReadState, 'rowCount' | 'counting' | 'countProblem'> & { onCount: () => void }) {
  return (
    <>
      <span className="quiet">
        {counting !== 'exact' && 'at most '}
        {formatQuantity(rowCount, 'row')}
      </span>
      {counting === 'running' && <span>counting deleted rows…</span>}
      {(counting === 'paused' || counting === 'failed') && (
        <>
          <span title={countProblem?.message}>
            {counting === 'paused' ? 'deleted rows not counted yet' : 'deleted rows cannot be counted'}
          </span>
          <Button variant="subtle" size="compact-xs" onClick={onCount}>
            Count rows
          </Button>
        </>
      )}
    </>
  )
}
