'use client'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import type { z } from 'zod'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type PagedQuery, toListing } from '@/components/ui/table/listing'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { FilterField } from '@/components/ui/controls/filter-field'
import { PageFooter } from '@/components/ui/page-footer'
import { type Sort, sortToText } from '@/components/ui/table/table-sort'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { TabToolbar } from '@/components/ui/toolbar'
import { useSettled } from '@/components/ui/use-settled'
import { Unknown } from '@/components/ui/values/unknown'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { filesQuery } from '@/lib/client/table/files'
import { FILE_SORTS, type FileSort, findSort } from '@/lib/contract/table/file-sorts'
import type { LiveFile, listFiles } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import { entryLabel } from '@/lib/names/identifiers'
import classes from './file-list.module.css'
import { FileName, findSharedNameParts } from './file-name'
import { NoFiles } from './no-files'
import { partitionColumn, specColumn } from './partition-columns'
import { useFileTarget } from './use-file-target'

/** The file list is shown and used before its other views. */
const LazyFileViews = lazyComponent(async () => (await import('./file-views')).FileViews, {
  loading: () => <span className={classes.views} />,
})

const LazyOpenLocalFile = lazyComponent(async () => (await import('./open-local-file')).OpenLocalFile, {
  loading: () => <span className={classes.localLoading} />,
})

const FOOTER_NOT_READ = 'footer not read yet'

/** The live files of the shown snapshot, or the entries of one of its manifests. The server filters and sorts them. */
export function FileList({ manifest = null }: { manifest?: string | null }) {
  const { table, asOf } = useShownTable()
  const [filter, setFilter] = useQueryState('q', parseAsString.withDefault(''))
  const searched = useSettled(filter.trim())
  const sorting = useSortInUrl()
  const sort = toFileSort(sorting.sort, manifest)
  const query = useInfiniteQuery(filesQuery(table, asOf, { manifest, filter: searched, sort }))
  const [first] = query.data?.pages ?? []
  const sortCheck: AddressChecks = {
    sort: (value) =>
      sort === null
        ? `${quoteAddress('sort', value)} is not a column of this list. The files are in the order of the manifests.`
        : null,
  }
  return (
    <>
      <TabToolbar
        end={
          manifest === null && (
            <>
              <LazyOpenLocalFile />
              <LazyFileViews />
            </>
          )
        }
      >
        <FilterField
          label={`Filter ${first === undefined ? 'files' : formatQuantity(first.totalCount, 'file')} by path or partition`}
          placeholder="Filter files"
          value={filter}
          onChange={(value) => void setFilter(value)}
          width={220}
          hasSlashShortcut
        />
      </TabToolbar>
      <AddressProblems checks={sortCheck} />
      {!query.isSuccess || first === undefined ? (
        <Unloaded
          query={query}
          subject={entryLabel(table)}
          className="page-note"
          skeleton={[12, 6, searched === '' ? 'Reading manifests' : 'Searching files']}
        />
      ) : first.totalCount === 0 ? (
        manifest === null ? (
          <NoFiles />
        ) : (
          <EmptyState>This manifest has no files.</EmptyState>
        )
      ) : (
        <>
          <Matches query={query} searched={searched} manifest={manifest} onClear={() => void setFilter('')} />
          <PageFooter>
            {query.isPlaceholderData ? (
              <span role="status">Searching files…</span>
            ) : (
              <SearchFigures first={first} isFiltered={searched !== ''} />
            )}
            <NextPageButton query={query}>
              Showing {formatCount(countFiles(query.data.pages))} of {formatQuantity(first.matchCount, 'file')}. Load
              more
            </NextPageButton>
          </PageFooter>
        </>
      )}
    </>
  )
}

type FilePage = z.output<typeof listFiles.output>

function countFiles(pages: readonly FilePage[]): number {
  return pages.reduce((sum, { files }) => sum + files.length, 0)
}

/** The order that the server sorts by; null for that of the manifests, and for a column that the list does not have. */
function toFileSort(sort: Sort | null, manifest: string | null): FileSort | null {
  if (sort === null || (manifest === null && sort.columnId === STATUS_COLUMN.id)) return null
  return findSort(FILE_SORTS, sortToText(sort))
}

/** The listed files, or that none match. */
function Matches({
  query,
  searched,
  manifest,
  onClear,
}: {
  query: PagedQuery<FilePage> & { data: { pages: readonly FilePage[] } }
  searched: string
  manifest: string | null
  onClear: () => void
}) {
  const { go, linkTo } = useFileTarget()
  const sorting = useSortInUrl()
  const listing = toListing(query, (page) => page.files)
  const files = listing.rows
  if (files.length === 0) {
    // Until a search ends, the list shows the result of the search before it.
    if (query.isPlaceholderData) return <SkeletonRows rows={12} columns={6} label="Searching files" />
    return (
      <EmptyState
        action={
          <Button variant="default" onClick={onClear}>
            Clear filter
          </Button>
        }
      >
        {noMatchText(query.data.pages[0], searched)}
      </EmptyState>
    )
  }
  const shared = findSharedNameParts(files.map(({ path }) => path))
  const columns: Column<LiveFile>[] = [
    {
      id: 'file',
      header: 'File',
      fills: true,
      cell: ({ path, manifestPath }) => (
        <FileName path={path} shared={shared} link={linkTo({ file: path, manifest: manifestPath })} />
      ),
      sortBy: ({ path }) => path,
    },
    ...(manifest === null ? [] : [STATUS_COLUMN]),
    ...COLUMNS,
  ]
  return (
    <div className={classes.list}>
      <DataTable
        label="Files"
        columns={columns}
        rows={listing}
        rowKey={({ path, manifestPath, status }) => `${status} ${path} ${manifestPath}`}
        onOpen={({ path, manifestPath }) => go({ file: path, manifest: manifestPath })}
        rowHeight={28}
        sorting={sorting}
        serverSorts="all"
        gutter
        scrolls
      />
    </div>
  )
}

function noMatchText(page: FilePage | undefined, searched: string): string {
  if (page === undefined || page.searchedCount === page.totalCount) return `No files match “${searched}”.`
  return `No match for “${searched}” in the first ${searchedText(page)}. The other files were not searched.`
}

/** `1,000 of 2,000 files` */
function searchedText({ searchedCount, totalCount }: FilePage): string {
  return `${formatCount(searchedCount)} of ${formatQuantity(totalCount, 'file')}`
}

function SearchFigures({ first, isFiltered }: { first: FilePage; isFiltered: boolean }) {
  const { totalCount, totalBytes, matchCount, manifestCount, manifestBytes } = first
  return (
    <>
      <span>
        {isFiltered && `${formatCount(matchCount)} of `}
        <strong>{formatQuantity(totalCount, 'file')}</strong>
        {totalBytes !== null && !isFiltered && `, ${formatBytes(totalBytes)}`}
      </span>
      {first.searchedCount < totalCount && <span>Searched {searchedText(first)}, in the order of the manifests.</span>}
      <span>
        {formatQuantity(manifestCount, 'manifest')} read, {formatBytes(manifestBytes)}
      </span>
    </>
  )
}

const KINDS = { data: 'data', 'position-deletes': 'position deletes', 'equality-deletes': 'equality deletes' }

/** A manifest also lists the files that its commit removed. */
const STATUS_COLUMN: Column<LiveFile> = {
  id: 'status',
  header: 'Status',
  longTableWidth: 92,
  cell: ({ status }) => (status === 'deleted' ? <span className="removed">− deleted</span> : status),
  sortBy: ({ status }) => status,
}

const COLUMNS: Column<LiveFile>[] = [
  {
    id: 'content',
    header: 'Content',
    longTableWidth: 120,
    cell: ({ content }) => KINDS[content],
    sortBy: ({ content }) => content,
  },
  partitionColumn(),
  specColumn(),
  countColumn('rows', 'Rows', ({ recordCount }) => recordCount, { longTableWidth: 92 }),
  bytesColumn('stored', 'File size', ({ fileSizeBytes }) => fileSizeBytes, {
    headerTitle: 'Size of the whole file in storage, with its footer',
    longTableWidth: 86,
    weight: 'figure',
  }),
  bytesColumn('plain', 'Plain', ({ plainBytes }) => plainBytes, {
    headerTitle: 'Values at their type’s width, strings at their length',
    longTableWidth: 86,
    reason: FOOTER_NOT_READ,
  }),
  {
    id: 'ratio',
    header: 'Ratio',
    // As on the dashboards, so that a table has one ratio: the footer is a large part of a small file.
    headerTitle: 'Plain to stored: the pages after the codec, without the footer',
    longTableWidth: 64,
    align: 'end',
    cell: (file) => {
      const ratio = pageRatio(file)
      return ratio === null ? (
        <Unknown reason={FOOTER_NOT_READ} />
      ) : (
        <span title={ratioTitle(file)}>{formatRatio(ratio)}</span>
      )
    },
    sortBy: pageRatio,
  },
  {
    id: 'codec',
    header: 'Codec',
    longTableWidth: 76,
    cell: ({ codec }) => (codec === null ? <Unknown reason={FOOTER_NOT_READ} /> : <code>{codec}</code>),
    sortBy: ({ codec }) => codec,
  },
  {
    id: 'sequence',
    header: 'Seq',
    headerTitle: 'Data sequence number',
    longTableWidth: 68,
    align: 'end',
    cell: ({ sequenceNumber }) => sequenceNumber,
    sortBy: ({ sequenceNumber }) => sequenceNumber,
  },
]

/** Null when the footer has not been read, and for a file without pages. */
/** The two sizes that the ratio divides: the file next to it is larger than its pages. */
function ratioTitle({ plainBytes, storedBytes }: Pick<LiveFile, 'plainBytes' | 'storedBytes'>): string {
  return `${formatBytes(plainBytes ?? 0)} plain, ${formatBytes(storedBytes ?? 0)} stored in pages`
}

function pageRatio({ plainBytes, storedBytes }: Pick<LiveFile, 'plainBytes' | 'storedBytes'>): number | null {
  return plainBytes === null || !storedBytes ? null : plainBytes / storedBytes
}
