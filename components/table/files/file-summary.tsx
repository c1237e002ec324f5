'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import { Unloaded } from '@/components/shell/unloaded'
import { ChartPanel } from '@/components/chart/chart-panel'
import { useShownTable } from '@/components/table/frame/shown-table'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { Toolbar } from '@/components/ui/toolbar'
import { Bytes } from '@/components/ui/values/bytes'
import { Unknown } from '@/components/ui/values/unknown'
import { fileSummaryQuery } from '@/lib/client/table/metadata-tree'
import type { ListedPartition, summarizeFiles } from '@/lib/contract/table/files'
import { visibleText } from '@/lib/format/visible-text'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import classes from './file-summary.module.css'
import { FileViews } from './file-views'
import { partitionColumn, specColumn } from './partition-columns'
import { layOutTreemap } from './treemap'

type Summary = z.output<typeof summarizeFiles.output>

/** The live files of the shown snapshot by partition or by size. */
export function FileSummary({ by }: { by: 'partitions' | 'sizes' }) {
  const { table, asOf } = useShownTable()
  const query = useInfiniteQuery(fileSummaryQuery(table, asOf))
  const [first] = query.data?.pages ?? []
  const partitions = query.data?.pages.flatMap((page) => page.partitions) ?? []
  return (
    <>
      <Toolbar end={<FileViews />}>{null}</Toolbar>
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject={entryLabel(table)}
          className={classes.page}
          skeleton={[10, 5, 'Reading manifests']}
        />
      ) : first === undefined || first.partitionCount === 0 ? (
        <EmptyState>This snapshot has no files.</EmptyState>
      ) : by === 'sizes' ? (
        <div className={classes.page}>
          <Sizes summary={first} />
        </div>
      ) : (
        <div className={classes.page}>
          <PartitionMap partitions={partitions} totalBytes={first.dataBytes} />
          <PartitionTable partitions={partitions} totalCount={first.partitionCount} />
          <NextPageButton query={query}>
            Showing {formatCount(partitions.length)} of {formatQuantity(first.partitionCount, 'partition')}. Load more
          </NextPageButton>
        </div>
      )}
    </>
  )
}

const PLOT_HEIGHT = 220

/** A bar for each range of sizes. The target is between two of them. */
function Sizes({ summary }: { summary: Summary }) {
  const { sizes, targetBytes, isTargetSet, dataFileCount } = summary
  const most = Math.max(...sizes.map(({ fileCount }) => fileCount), 1)
  const smallCount = sizes
    .filter(({ toBytes }) => toBytes <= targetBytes)
    .reduce((sum, { fileCount }) => sum + fileCount, 0)
  const rangeText = ({ fromBytes, toBytes }: Summary['sizes'][number]) =>
    `${formatBytes(fromBytes)} to ${formatBytes(toBytes)}`
  const target = `${formatBytes(targetBytes)} ${isTargetSet ? 'as set' : 'by default'}`
  return (
    <ChartPanel
      title="File sizes"
      subtitle={`target ${target} (write.target-file-size-bytes)`}
      fileName="file-sizes"
      height={PLOT_HEIGHT}
      numbers={{
        rowHeader: 'Size',
        columns: [
          { name: 'Data files', measure: 'count' },
          { name: 'Stored', measure: 'bytes' },
        ],
        rows: sizes.map((range) => ({
          text: rangeText(range),
          csv: `${range.fromBytes}-${range.toBytes}`,
          values: [range.fileCount, range.totalBytes],
        })),
      }}
    >
      <div
        className={classes.plot}
        style={{ height: PLOT_HEIGHT }}
        role="img"
        aria-label={`Data files by size. ${formatQuantity(smallCount, 'file')} of ${formatCount(dataFileCount)} below the target of ${target}.`}
      >
        {sizes.map((range) => (
          <div
            key={range.fromBytes}
            className={classes.range}
            title={`${rangeText(range)}: ${formatQuantity(range.fileCount, 'file')}, ${formatBytes(range.totalBytes)}`}
            data-target={range.fromBytes === targetBytes || undefined}
          >
            <span className={classes.count}>{range.fileCount === 0 ? '' : formatCount(range.fileCount)}</span>
            <span className={classes.bar} style={{ height: `${(range.fileCount / most) * 100}%` }} />
            <span className={classes.tick}>{formatBytes(range.fromBytes)}</span>
          </div>
        ))}
      </div>
      <p className={classes.note}>
        {formatCount(smallCount)} of {formatQuantity(dataFileCount, 'data file')} {smallCount === 1 ? 'is' : 'are'}{' '}
        below the target of {target}. Labels show each bar’s lower bound.
      </p>
    </ChartPanel>
  )
}

const MAX_TILES = 120

/** The largest partitions by their bytes; the table below has the numbers. */
function PartitionMap({ partitions, totalBytes }: { partitions: readonly ListedPartition[]; totalBytes: number }) {
  const largest = partitions.filter(({ dataBytes }) => dataBytes > 0).slice(0, MAX_TILES)
  if (largest.length === 0) return <EmptyState>The partitions have no data files, only delete files.</EmptyState>
  const restBytes = totalBytes - largest.reduce((sum, { dataBytes }) => sum + dataBytes, 0)
  const tiles = layOutTreemap([...largest.map(({ dataBytes }) => dataBytes), ...(restBytes > 0 ? [restBytes] : [])])
  const most = Math.max(...largest.map(meanFileBytes))
  return (
    <Panel title="Partitions by stored bytes" subtitle="stronger colour = larger files">
      <div
        className={classes.map}
        role="img"
        aria-label={`Treemap of ${formatQuantity(largest.length, 'partition')} by stored bytes. The table below has the numbers.`}
      >
        {tiles.map((tile, index) => {
          const partition = largest[index]
          const label = partition ? visibleText(partitionName(partition)) : 'all others'
          const bytes = partition ? partition.dataBytes : restBytes
          const tileStyle = {
            left: `${tile.left}%`,
            top: `${tile.top}%`,
            width: `${tile.width}%`,
            height: `${tile.height}%`,
          }
          return (
            <span
              key={partition ? `${partition.specId} ${partition.partition}` : 'others'}
              className={classes.tile}
              style={tileStyle}
              data-shade={partition ? shadeOf(meanFileBytes(partition) / most) : 0}
              title={`${label}: ${formatBytes(bytes)}`}
            >
              {tile.width > 9 && tile.height > 12 && <span className={classes.tileName}>{label}</span>}
            </span>
          )
        })}
      </div>
    </Panel>
  )
}

function meanFileBytes({ dataBytes, dataFileCount }: ListedPartition): number {
  return dataFileCount === 0 ? 0 : dataBytes / dataFileCount
}

/** One of five steps; each is half as large as the next. */
function shadeOf(share: number): number {
  return Math.max(1, Math.min(5, 5 + Math.floor(Math.log2(Math.max(share, 1e-9)) + 1e-9)))
}

function partitionName({ partition }: ListedPartition): string {
  return partition === '' ? 'not partitioned' : partition
}

function PartitionTable({ partitions, totalCount }: { partitions: readonly ListedPartition[]; totalCount: number }) {
  const sorting = useSortInUrl()
  return (
    <Panel title="Partitions" subtitle={formatQuantity(totalCount, 'partition')} flush>
      <div className={classes.table}>
        <DataTable
          label="Partitions"
          columns={COLUMNS}
          rows={partitions}
          rowKey={({ specId, partition }) => `${specId} ${partition}`}
          rowHeight={28}
          sorting={sorting}
          scrolls
          stacks
        />
      </div>
    </Panel>
  )
}

const COLUMNS: Column<ListedPartition>[] = [
  { ...partitionColumn(), weight: 'name' },
  specColumn(),
  countColumn('rows', 'Rows', ({ rowCount }) => rowCount, {
    headerTitle: 'Of the data files, with rows that delete files remove',
  }),
  countColumn('files', 'Data files', ({ dataFileCount }) => dataFileCount),
  bytesColumn('stored', 'Stored', ({ dataBytes }) => dataBytes, { weight: 'figure' }),
  {
    id: 'mean',
    header: 'Mean file',
    align: 'end',
    cell: (row) =>
      row.dataFileCount === 0 ? (
        <Unknown reason="it has no data files" />
      ) : (
        <Bytes value={Math.round(meanFileBytes(row))} />
      ),
    sortBy: meanFileBytes,
  },
  countColumn('deletes', 'Delete files', ({ deleteFileCount }) => deleteFileCount),
]
