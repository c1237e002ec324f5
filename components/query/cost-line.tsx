import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { QueryCost } from '@/lib/query/engine'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import classes from './cost-line.module.css'

const LazyTimesInUtc = lazyComponent(async () => (await import('./times-in-utc')).TimesInUtc)

/** The cost of the query and the zone of its literals, in the corner of the editor. */
export function CostLine({
  cost,
  isSelection,
  isTooLong,
}: {
  cost: QueryCost | null
  /** The cost is that of the first statement of a selection. */
  isSelection: boolean
  isTooLong: boolean
}) {
  return (
    <p className={classes.line} aria-live="polite">
      {isTooLong && (
        <span className={`${classes.part} warn`}>
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
          too long to be stored: lost when you leave this page
        </span>
      )}
      {cost !== null && isSelection && (
        <span className={classes.part}>
          runs the selection
          {cost.statementCount > 1 && `, ${formatQuantity(cost.statementCount, 'statement')}; the first one`}
        </span>
      )}
      {cost !== null && !isSelection && cost.statementCount > 1 && (
        <span className={classes.part}>
          runs statement {cost.statementNumber} of {cost.statementCount}, at the cursor
        </span>
      )}
      {cost !== null && cost.totalColumns > 0 && (
        <span className={classes.part}>
          <IconCheck size={14} stroke={1.6} aria-hidden />
          {costText(cost)}
        </span>
      )}
      <span className={classes.part}>literals in UTC</span>
      {cost?.timesInUtc !== undefined && cost.timesInUtc.length > 0 && <LazyTimesInUtc times={cost.timesInUtc} />}
    </p>
  )
}

function costText(cost: QueryCost): string {
  const columns = `${formatCount(cost.columns)} of ${formatQuantity(cost.totalColumns, 'column')}`
  if (cost.readBytes === 0) {
    if (cost.columns === 0) return '0 B to read (metadata only)'
    if (cost.cachedColumns === cost.columns) return `0 B to read (${columns} cached)`
    // Metadata tables have no size before the server computes their rows.
    if (cost.files === 0 && cost.decodedBytes > 0) return `would read ${columns} of metadata`
    return `0 B to read (${cost.totalFiles === 0 ? 'no files' : `0 of ${formatQuantity(cost.totalFiles, 'file')}`})`
  }
  const isBound = cost.isFirstRowsOnly || cost.isFiltered
  const prefix = isBound ? 'up to about ' : cost.isEstimate ? '≈ ' : ''
  const total = cost.totalBytes === null ? '' : ` of ${formatBytes(cost.totalBytes)}`
  const bytes = `${prefix}${formatBytes(cost.readBytes)}${total}`
  const fileCount = cost.isFiltered
    ? `${formatCount(cost.files)} of ${formatQuantity(cost.totalFiles, 'file')}`
    : formatQuantity(cost.files, 'file')
  const files = cost.isFirstRowsOnly ? `the first rows of ${fileCount}` : fileCount
  return `would read ${columns}, ${bytes} in ${files}`
}
