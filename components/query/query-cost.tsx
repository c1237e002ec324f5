import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { QueryCost } from '@/lib/query/engine'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import classes from './cost-line.module.css'
import { TimesInUtc } from './times-in-utc'

/** The parts of the line that say what a query would read. */
export function QueryCostParts({
  cost,
  isSelection,
  children,
}: {
  cost: QueryCost
  isSelection: boolean
  /** The zone of literals, before their instants. */
  children: ReactNode
}) {
  return (
    <>
      {isSelection && (
        <span className={classes.part}>
          runs the selection
          {cost.statementCount > 1 && `, ${formatQuantity(cost.statementCount, 'statement')}; the first one`}
        </span>
      )}
      {!isSelection && cost.statementCount > 1 && (
        <span className={classes.part}>
          runs statement {cost.statementNumber} of {cost.statementCount}, at the cursor
        </span>
      )}
      {cost.totalColumns > 0 && (
        <span className={classes.part}>
          <IconCheck size={14} stroke={1.6} aria-hidden />
          {costText(cost)}
        </span>
      )}
      {children}
      {cost.timesInUtc !== undefined && <TimesInUtc times={cost.timesInUtc} />}
    </>
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
