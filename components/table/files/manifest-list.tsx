'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { Count } from '@/components/ui/values/count'
import { manifestsQuery } from '@/lib/client/table/metadata-tree'
import type { ListedManifest } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { FileName } from './file-name'
import { NoFiles } from './no-files'
import { specColumn } from './partition-columns'
import { useFileTarget } from './use-file-target'

/** The manifests of the shown snapshot, in the order of its manifest list. */
export function ManifestList() {
  const { table, asOf } = useShownTable()
  const { go, linkTo } = useFileTarget()
  const query = useInfiniteQuery(manifestsQuery(table, asOf))
  const sorting = useSortInUrl()
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={entryLabel(table)}
        className="page-note"
        skeleton={[12, 8, 'Reading the manifest list']}
      />
    )
  const [first] = query.data.pages
  const listing = toListing(query, ({ manifests }) => manifests)
  if (!first || first.totalCount === 0) return <NoFiles noun="manifests" />
  const columns: Column<ListedManifest>[] = [
    {
      id: 'manifest',
      header: 'Manifest',
      cell: ({ path }) => <FileName path={path} link={linkTo({ manifest: path })} />,
      sortBy: ({ path }) => path,
    },
    ...COLUMNS,
  ]
  return (
    <>
      <DataTable
        label="Manifests"
        columns={columns}
        rows={listing}
        rowKey={({ path }) => path}
        rowHeight={28}
        sorting={sorting}
        onOpen={({ path }) => go({ manifest: path })}
        gutter
        scrolls
      />
      <PageFooter>
        <span>
          <strong>{formatQuantity(first.totalCount, 'manifest')}</strong>, {formatBytes(first.totalBytes)}
        </span>
        {first.manifestList === null && <span>The snapshot lists its manifests itself (format v1).</span>}
        <NextPageButton query={query}>
          Showing {formatCount(listing.rows.length)} of {formatQuantity(first.totalCount, 'manifest')}. Load more
        </NextPageButton>
      </PageFooter>
    </>
  )
}

const NO_COUNTS = 'the writer left the counts out of the manifest list'

const COLUMNS: Column<ListedManifest>[] = [
  { id: 'content', header: 'Content', cell: ({ content }) => content, sortBy: ({ content }) => content },
  {
    id: 'partitions',
    header: 'Partitions',
    cell: ({ partitions }) => <PartitionBounds partitions={partitions} />,
  },
  specColumn(),
  {
    id: 'sequence',
    header: 'Seq',
    headerTitle: 'Sequence number',
    align: 'end',
    cell: ({ sequenceNumber }) => sequenceNumber,
    sortBy: ({ sequenceNumber }) => sequenceNumber,
  },
  countColumn('added', 'Added', ({ addedFilesCount }) => addedFilesCount, {
    headerTitle: 'Files that the commit of the manifest added',
    reason: NO_COUNTS,
  }),
  countColumn('existing', 'Existing', ({ existingFilesCount }) => existingFilesCount, {
    headerTitle: 'Files that an earlier commit added',
    reason: NO_COUNTS,
  }),
  countColumn('deleted', 'Deleted', ({ deletedFilesCount }) => deletedFilesCount, {
    headerTitle: 'Files that the commit of the manifest removed',
    reason: NO_COUNTS,
  }),
  {
    id: 'rows',
    header: 'Rows',
    headerTitle: 'Rows of its added and existing files',
    align: 'end',
    weight: 'figure',
    cell: (manifest) => <Count value={liveRows(manifest)} reason={NO_COUNTS} />,
    sortBy: liveRows,
  },
  bytesColumn('stored', 'Size', ({ lengthBytes }) => lengthBytes, { headerTitle: 'Size of the manifest itself' }),
]

function liveRows({ addedRowsCount, existingRowsCount }: ListedManifest): number | null {
  return addedRowsCount === null || existingRowsCount === null ? null : addedRowsCount + existingRowsCount
}

/** `date_month 2001-01 … 2001-03`, for each field of the partition spec. */
function PartitionBounds({ partitions }: Pick<ListedManifest, 'partitions'>) {
  if (partitions.length === 0) return <span className="quiet">none</span>
  return (
    <code>
      {partitions
        .map(({ name, lower, upper, containsNull }) => {
          const bounds = lower === upper ? (lower ?? '') : `${lower} … ${upper}`
          const nulls = containsNull ? (bounds === '' ? 'null' : ', null') : ''
          return `${name} ${bounds}${nulls}`
        })
        .join('; ')}
    </code>
  )
}
