'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { NO_DATA_FILES } from '@/components/about/no-data-files'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type Listing, toListing } from '@/components/ui/table/listing'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { type Sort, type Sorting, sortToText } from '@/components/ui/table/table-sort'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { TabToolbar } from '@/components/ui/toolbar'
import { Bytes } from '@/components/ui/values/bytes'
import { Unknown } from '@/components/ui/values/unknown'
import { fileSummaryQuery } from '@/lib/client/table/metadata-tree'
import { findSort, PARTITION_SORTS } from '@/lib/contract/table/file-sorts'
import type { ListedPartition } from '@/lib/contract/table/files'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import classes from './file-summary.module.css'
import { FileSizes } from './file-sizes'
import { FileViews } from './file-views'
import { NoFiles } from './no-files'
import { PartitionCharts } from './partition-charts'
import { meanFileBytes, partitionColumn, specColumn } from './partition-columns'

const LARGEST_FIRST: Sort = { columnId: 'stored', descending: true }

/** The live files of the shown snapshot by partition or by size. */
export function FileSummary({ by }: { by: 'partitions' | 'sizes' }) {
  const { table, asOf } = useShownTable()
  const sorting = useSortInUrl()
  const sort = by === 'sizes' || sorting.sort === null ? null : findSort(PARTITION_SORTS, sortToText(sorting.sort))
  const query = useInfiniteQuery(fileSummaryQuery(table, asOf, sort))
  const [first] = query.data?.pages ?? []
  const listing = toListing(query, ({ partitions }) => partitions)
  return (
    <>
      <TabToolbar end={<FileViews />}>{null}</TabToolbar>
      {by === 'partitions' && <AddressProblems checks={SORT_CHECK} />}
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject={entryLabel(table)}
          className={classes.page}
          skeleton={[10, 5, 'Reading manifests']}
        />
      ) : first === undefined || first.partitionCount === 0 ? (
        <NoFiles />
      ) : by === 'sizes' ? (
        <div className={classes.page}>
          <FileSizes summary={first} />
        </div>
      ) : (
        <div className={classes.page}>
          <PartitionCharts summary={first} partitions={listing.rows} />
          <PartitionTable
            partitions={listing}
            subtitle={query.isPlaceholderData ? 'sorting…' : formatQuantity(first.partitionCount, 'partition')}
            sorting={{ ...sorting, sort: sort === null ? LARGEST_FIRST : sorting.sort }}
          />
          <NextPageButton query={query}>
            Showing {formatCount(listing.rows.length)} of {formatQuantity(first.partitionCount, 'partition')}. Load more
          </NextPageButton>
        </div>
      )}
    </>
  )
}

const SORT_CHECK: AddressChecks = {
  sort: (value) =>
    findSort(PARTITION_SORTS, value) === null
      ? `${quoteAddress('sort', value)} is not a column of this list. The largest partitions are first.`
      : null,
}

function PartitionTable({
  partitions: listing,
  subtitle,
  sorting,
}: {
  partitions: Listing<ListedPartition>
  subtitle: string
  sorting: Sorting
}) {
  return (
    <Panel title="Partitions" subtitle={subtitle} flush>
      <div className={classes.table}>
        <DataTable
          label="Partitions"
          columns={COLUMNS}
          rows={listing}
          rowKey={({ specId, partition }) => `${specId} ${partition}`}
          rowHeight={28}
          sorting={sorting}
          serverSorts="all"
          scrolls
        />
      </div>
    </Panel>
  )
}

const COLUMNS: Column<ListedPartition>[] = [
  { ...partitionColumn(), weight: 'name', fills: true },
  specColumn(),
  countColumn('rows', 'Rows', ({ rowCount }) => rowCount, {
    headerTitle: 'Of the data files, with rows that delete files remove',
    longTableWidth: 110,
  }),
  countColumn('files', 'Data files', ({ dataFileCount }) => dataFileCount, { longTableWidth: 100 }),
  bytesColumn('stored', 'File bytes', ({ dataBytes }) => dataBytes, { weight: 'figure', longTableWidth: 100 }),
  {
    id: 'mean',
    header: 'Mean file',
    longTableWidth: 100,
    align: 'end',
    cell: (row) =>
      row.dataFileCount === 0 ? <Unknown reason={NO_DATA_FILES} /> : <Bytes value={Math.round(meanFileBytes(row))} />,
    sortBy: meanFileBytes,
  },
  countColumn('deletes', 'Delete files', ({ deleteFileCount }) => deleteFileCount, { longTableWidth: 110 }),
]
