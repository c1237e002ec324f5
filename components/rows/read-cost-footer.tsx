import { IconAlertTriangle, IconFiles } from '@tabler/icons-react'
import { PageFooter } from '@/components/ui/page-footer'
import type { ReadState } from '@/lib/client/scan/row-store'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import type { ScanPlan } from '@/lib/contract/scan'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { counted, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './read-cost-footer.module.css'

const MOST_NAMED = 20

/** The proof of how rows were read: files, bytes, time. */
export function ReadCostFooter({ plan, state: { cost, elapsedMs, isReading } }: { plan: ScanPlan; state: ReadState }) {
  return (
    <PageFooter>
      <span className={classes.files}>
        <IconFiles size={14} stroke={1.6} aria-hidden />
        <strong>
          {formatCount(cost.filesRead)} of {counted(plan.fileCount, 'file')}
        </strong>
      </span>
      <span title={`${formatExactBytes(cost.bytesRead)} in ${counted(cost.requests, 'request')}`}>
        {formatBytes(cost.bytesRead)} of {formatBytes(plan.totalBytes)}
      </span>
      {cost.sizeMismatches.length > 0 && (
        <span
          className={classes.mismatch}
          title={cost.sizeMismatches.slice(0, MOST_NAMED).map(mismatchText).join('\n')}
        >
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          {counted(cost.sizeMismatches.length, 'file')} of another size than the table says
        </span>
      )}
      <span>{elapsedMs === null ? (isReading ? 'reading…' : '') : formatDuration(elapsedMs)}</span>
      <span className={classes.rows}>{counted(plan.rowCount, 'row')}</span>
    </PageFooter>
  )
}

function mismatchText({ path, toldBytes, actualBytes }: SizeMismatch): string {
  return `${path}: ${formatExactBytes(actualBytes)}, not ${formatExactBytes(toldBytes)}`
}
