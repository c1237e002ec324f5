'use client'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { FilterField } from '@/components/ui/controls/filter-field'
import { PageFooter } from '@/components/ui/page-footer'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { Toolbar } from '@/components/ui/toolbar'
import { Unknown } from '@/components/ui/values/unknown'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { filesQuery } from '@/lib/client/table/files'
import type { LiveFile } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import { entryLabel } from '@/lib/names/identifiers'
import classes from './file-list.module.css'
import { FileName } from './file-name'
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

/** The live files of the shown snapshot, or the entries of one of its manifests. */
export function FileList({ manifest = null }: { manifest?: string | null }) {
  const { table, asOf } = useShownTable()
  const { go, linkTo } = useFileTarget()
  const query = useInfiniteQuery(filesQuery(table, asOf, manifest))
  const [filter, setFilter] = useQueryState('q', parseAsString.withDefault(''))
  const sorting = useSortInUrl()
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={entryLabel(table)}
        className="page-note"
        skeleton={[12, 6, 'Reading manifests']}
      />
    )
  const first = query.data.pages[0]
  const files = query.data.pages.flatMap((page) => page.files)
  if (!first || first.totalCount === 0)
    return <EmptyState>This {manifest === null ? 'snapshot' : 'manifest'} has no files.</EmptyState>
  const needle = filter.trim().toLowerCase()
  const matches = files.filter(({ path, partition }) => `${path} ${partition}`.toLowerCase().includes(needle))
  const columns: Column<LiveFile>[] = [
    {
      id: 'file',
      header: 'File',
      cell: ({ path, manifestPath }) => <FileName path={path} link={linkTo({ file: path, manifest: manifestPath })} />,
      sortBy: ({ path }) => path,
    },
    ...(manifest === null ? [] : [STATUS_COLUMN]),
    ...COLUMNS,
  ]
  const sortCheck: AddressChecks = {
    sort: (value) =>
      columns.some(({ id }) => id === value.replace(/^-/, ''))
        ? null
        : `${quoteAddress('sort', value)} is not a column of this list. The files are in the order of the manifests.`,
  }
  return (
    <>
      <Toolbar
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
          label={`Filter ${formatQuantity(files.length, 'file')} by path or partition`}
          value={filter}
          onChange={(value) => void setFilter(value)}
          width={320}
          hasSlashShortcut
        />
      </Toolbar>
      <AddressProblems checks={sortCheck} />
      {matches.length === 0 ? (
        <EmptyState
          action={
            <Button variant="default" onClick={() => void setFilter('')}>
              Clear filter
            </Button>
          }
        >
          No files match “{filter}”.
        </EmptyState>
      ) : (
        <DataTable
          label="Files"
          columns={columns}
          rows={matches}
          rowKey={({ path, manifestPath, status }) => `${status} ${path} ${manifestPath}`}
          onOpen={({ path, manifestPath }) => go({ file: path, manifest: manifestPath })}
          rowHeight={28}
          sorting={sorting}
          gutter
          scrolls
          stacks
        />
      )}
      <PageFooter>
        <span>
          <strong>{formatQuantity(first.totalCount, 'file')}</strong>
          {first.totalBytes !== null && `, ${formatBytes(first.totalBytes)}`}
        </span>
        <span>
          {formatQuantity(first.manifestCount, 'manifest')} read, {formatBytes(first.manifestBytes)}
        </span>
        <NextPageButton query={query}>
          Showing {formatCount(files.length)} of {formatQuantity(first.totalCount, 'file')}. Load more
        </NextPageButton>
      </PageFooter>
    </>
  )
}

const KINDS = { data: 'data', 'position-deletes': 'position deletes', 'equality-deletes': 'equality deletes' }

/** A manifest also lists the files that its commit removed. */
const STATUS_COLUMN: Column<LiveFile> = {
  id: 'status',
  header: 'Status',
  cell: ({ status }) => (status === 'deleted' ? <span className="removed">− deleted</span> : status),
  sortBy: ({ status }) => status,
}

const COLUMNS: Column<LiveFile>[] = [
  { id: 'content', header: 'Content', cell: ({ content }) => KINDS[content], sortBy: ({ content }) => content },
  partitionColumn(),
  specColumn(),
  countColumn('rows', 'Rows', ({ recordCount }) => recordCount),
  bytesColumn('stored', 'Stored', ({ fileSizeBytes }) => fileSizeBytes, {
    headerTitle: 'Size of the file in storage',
    weight: 'figure',
  }),
  bytesColumn('plain', 'Plain', ({ plainBytes }) => plainBytes, {
    headerTitle: 'Values at their type’s width, strings at their length',
    reason: FOOTER_NOT_READ,
  }),
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'Plain to stored',
    align: 'end',
    cell: ({ plainBytes, fileSizeBytes }) =>
      plainBytes === null ? <Unknown reason={FOOTER_NOT_READ} /> : formatRatio(plainBytes / fileSizeBytes),
    sortBy: ({ plainBytes, fileSizeBytes }) => (plainBytes === null ? null : plainBytes / fileSizeBytes),
  },
  {
    id: 'codec',
    header: 'Codec',
    cell: ({ codec }) => (codec === null ? <Unknown reason={FOOTER_NOT_READ} /> : <code>{codec}</code>),
    sortBy: ({ codec }) => codec,
  },
  {
    id: 'sequence',
    header: 'Seq',
    headerTitle: 'Data sequence number',
    align: 'end',
    tableOnly: true,
    cell: ({ sequenceNumber }) => sequenceNumber,
    sortBy: ({ sequenceNumber }) => sequenceNumber,
  },
]
