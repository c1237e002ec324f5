import { ChartPanel } from '@/components/chart/chart-panel'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import type { FileSummaryPage } from '@/lib/client/table/metadata-tree'
import type { ListedPartition } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import classes from './file-summary.module.css'
import { meanFileBytes } from './partition-columns'
import { RangeBars } from './range-bars'
import { layOutTreemap } from './treemap'

/** More tiles would be too small to see and to point at. */
const MAX_TILES = 200
const HISTOGRAM_HEIGHT = 140

/**
 * The partitions of a snapshot by their files and bytes. The list below has the numbers.
 *
 * @param partitions all of them, unless there are too many for a tile each
 */
export function PartitionCharts({
  summary,
  partitions,
}: {
  summary: FileSummaryPage
  partitions: readonly ListedPartition[]
}) {
  if (summary.dataFileCount === 0) return <EmptyState>The partitions have no data files, only delete files.</EmptyState>
  if (summary.partitionCount > MAX_TILES) return <PartitionHistograms summary={summary} />
  return <PartitionMap partitions={partitions} />
}

type PartitionRange = FileSummaryPage['partitionsByFiles'][number]

/** Many partitions by their files and by their bytes: a tile for each would be too small. */
function PartitionHistograms({ summary }: { summary: FileSummaryPage }) {
  const { partitionsByFiles, partitionsByBytes } = summary
  return (
    <div className={classes.charts}>
      <PartitionHistogram
        title="Partitions by data files"
        fileName="partitions-by-data-files"
        rowHeader="Data files"
        ranges={partitionsByFiles}
        labelOf={countRangeText}
        textOf={(range) => `${countRangeText(range)} ${range.to === 2 ? 'data file' : 'data files'}`}
        partitionCount={summary.partitionCount}
      />
      <PartitionHistogram
        title="Partitions by file bytes"
        fileName="partitions-by-file-bytes"
        rowHeader="File bytes"
        ranges={partitionsByBytes}
        labelOf={({ from }) => formatBytes(from)}
        textOf={({ from, to }) => `${formatBytes(from)} to ${formatBytes(to)}`}
        partitionCount={summary.partitionCount}
      />
    </div>
  )
}

function PartitionHistogram({
  title,
  fileName,
  rowHeader,
  ranges,
  labelOf,
  textOf,
  partitionCount,
}: {
  title: string
  fileName: string
  rowHeader: string
  ranges: readonly PartitionRange[]
  labelOf: (range: PartitionRange) => string
  textOf: (range: PartitionRange) => string
  partitionCount: number
}) {
  const countedCount = ranges.reduce((sum, range) => sum + range.partitionCount, 0)
  const uncountedCount = partitionCount - countedCount
  return (
    <ChartPanel
      title={title}
      {...(uncountedCount > 0 && { subtitle: `without ${formatCount(uncountedCount)} that only have delete files` })}
      fileName={fileName}
      height={HISTOGRAM_HEIGHT}
      numbers={{
        rowHeader,
        columns: [{ name: 'Partitions', measure: 'count' }],
        rows: ranges.map((range) => ({
          text: textOf(range),
          csv: `${range.from}-${range.to}`,
          values: [range.partitionCount],
        })),
      }}
    >
      <RangeBars
        label={`${title}: ${ranges.map((range) => `${formatCount(range.partitionCount)} with ${textOf(range)}`).join(', ')}.`}
        ranges={ranges.map((range) => ({
          from: range.from,
          to: range.to,
          count: range.partitionCount,
          label: labelOf(range),
          title: `${textOf(range)}: ${formatQuantity(range.partitionCount, 'partition')}`,
        }))}
        height={HISTOGRAM_HEIGHT}
      />
    </ChartPanel>
  )
}

/** `3` or `4 to 7` */
function countRangeText({ from, to }: PartitionRange): string {
  return to - from === 1 ? formatCount(from) : `${formatCount(from)} to ${formatCount(to - 1)}`
}

/** The partitions by their bytes; the table below has the numbers. */
function PartitionMap({ partitions }: { partitions: readonly ListedPartition[] }) {
  const largestFirst = partitions.filter(({ dataBytes }) => dataBytes > 0).toSorted((a, b) => b.dataBytes - a.dataBytes)
  const tiles = layOutTreemap(largestFirst.map(({ dataBytes }) => dataBytes))
  const most = Math.max(...largestFirst.map(meanFileBytes))
  return (
    <Panel title="Partitions by file bytes" subtitle="stronger colour = larger files">
      <div
        className={classes.map}
        role="img"
        aria-label={`Treemap of ${formatQuantity(largestFirst.length, 'partition')} by file bytes. The table below has the numbers.`}
      >
        {largestFirst.map((partition, index) => {
          const tile = tiles[index]
          if (tile === undefined) return null
          const label = visibleText(partitionName(partition))
          const tileStyle = {
            left: `${tile.left}%`,
            top: `${tile.top}%`,
            width: `${tile.width}%`,
            height: `${tile.height}%`,
          }
          return (
            <span
              key={`${partition.specId} ${partition.partition}`}
              className={classes.tile}
              style={tileStyle}
              data-shade={shadeOf(meanFileBytes(partition) / most)}
              title={`${label}: ${formatBytes(partition.dataBytes)}`}
            >
              {tile.width > 9 && tile.height > 12 && <span className={classes.tileName}>{label}</span>}
            </span>
          )
        })}
      </div>
    </Panel>
  )
}

/** One of five steps; each is half as large as the next. */
function shadeOf(share: number): number {
  return Math.max(1, Math.min(5, 5 + Math.floor(Math.log2(Math.max(share, 1e-9)) + 1e-9)))
}

function partitionName({ partition }: ListedPartition): string {
  return partition === '' ? 'not partitioned' : partition
}
