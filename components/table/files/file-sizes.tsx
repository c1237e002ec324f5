import { ChartPanel } from '@/components/chart/chart-panel'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { FileSummaryPage } from '@/lib/client/table/metadata-tree'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './file-summary.module.css'
import { isLimit, RangeBars } from './range-bars'

const SIZES_HEIGHT = 220

/** The data files of a snapshot by size. The target is between two bars, at an end of the chart, or outside. */
export function FileSizes({ summary }: { summary: FileSummaryPage }) {
  const { sizes, targetBytes, isTargetSet, dataFileCount } = summary
  if (dataFileCount === 0) return <EmptyState>This snapshot has no data files, only delete files.</EmptyState>
  const smallCount = sizes
    .filter(({ toBytes }) => toBytes <= targetBytes)
    .reduce((sum, { fileCount }) => sum + fileCount, 0)
  const rangeText = ({ fromBytes, toBytes }: FileSummaryPage['sizes'][number]) =>
    `${formatBytes(fromBytes)} to ${formatBytes(toBytes)}`
  const target = `${formatBytes(targetBytes)} ${isTargetSet ? 'as set' : 'by default'}`
  const ranges = sizes.map((range) => ({
    from: range.fromBytes,
    to: range.toBytes,
    count: range.fileCount,
    label: formatBytes(range.fromBytes),
    title: `${rangeText(range)}: ${formatQuantity(range.fileCount, 'file')}, ${formatBytes(range.totalBytes)}`,
  }))
  return (
    <ChartPanel
      title="File sizes"
      subtitle={`target ${target} (write.target-file-size-bytes)`}
      fileName="file-sizes"
      height={SIZES_HEIGHT}
      numbers={{
        rowHeader: 'Size',
        columns: [
          { name: 'Data files', measure: 'count' },
          { name: 'File bytes', measure: 'bytes' },
        ],
        rows: sizes.map((range) => ({
          text: rangeText(range),
          csv: `${range.fromBytes}-${range.toBytes}`,
          values: [range.fileCount, range.totalBytes],
        })),
      }}
    >
      <RangeBars
        label={`Data files by size. ${formatQuantity(smallCount, 'file')} of ${formatCount(dataFileCount)} below the target of ${target}.`}
        ranges={ranges}
        height={SIZES_HEIGHT}
        reference={{ value: targetBytes, name: `target ${formatBytes(targetBytes)}` }}
      />
      <p className={classes.note}>
        {formatCount(smallCount)} of {formatQuantity(dataFileCount, 'data file')} {smallCount === 1 ? 'is' : 'are'}{' '}
        below the target of {target}. {sizeSpanText(summary)}{' '}
        {isLimit(ranges, targetBytes) ? '' : `${outsideText(summary)} `}A label shows the lower bound of its bar.
      </p>
    </ChartPanel>
  )
}

function sizeSpanText({ smallestFileBytes, largestFileBytes }: FileSummaryPage): string {
  if (smallestFileBytes === null || largestFileBytes === null) return ''
  if (smallestFileBytes === largestFileBytes) return `Every file has ${formatExactBytes(smallestFileBytes)}.`
  return `The smallest has ${formatBytes(smallestFileBytes)}, the largest ${formatBytes(largestFileBytes)}.`
}

/** Why the chart has no line at the target. */
function outsideText({ largestFileBytes, targetBytes }: FileSummaryPage): string {
  const side = largestFileBytes !== null && largestFileBytes < targetBytes ? 'above' : 'below'
  return `The target is ${side} all sizes in the chart.`
}
