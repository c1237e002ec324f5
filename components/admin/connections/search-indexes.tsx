'use client'
import { IconAlertOctagon, IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { searchIndexesQuery, useIndexCatalog } from '@/lib/client/search-indexes'
import type { SearchIndex } from '@/lib/contract/search'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './connections.module.css'

const READERS = {
  own: 'built-in',
  shared: 'shared credentials',
  search: 'credentials for search',
  none: 'not indexed: names only, live',
} as const

/** The search index of each catalog, with a button that reads the catalog now. */
export function SearchIndexes() {
  const query = useQuery(searchIndexesQuery())
  const index = useIndexCatalog()
  return (
    <Panel title="Search index" flush>
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject="The state of the search index"
          skeleton={[2, 5, 'Reading the state of the search index']}
        />
      ) : (
        <DataTable
          label="Search index"
          columns={buildColumns((catalog) => index.mutate(catalog), index.isPending ? index.variables : null)}
          rows={query.data}
          rowKey={({ catalog }) => catalog}
          stacks
        />
      )}
      {index.error && <ProblemNote error={index.error} subject={`The crawl of ${index.variables}`} />}
    </Panel>
  )
}

function buildColumns(index: (catalog: string) => void, startingCatalog: string | null): Column<SearchIndex>[] {
  return [
    { id: 'catalog', header: 'Catalog', weight: 'name', cell: ({ catalog }) => catalog },
    { id: 'reader', header: 'Read as', cell: ({ reader }) => READERS[reader] },
    {
      id: 'tables',
      header: 'Tables and views',
      align: 'end',
      cell: ({ reader, tableCount }) => (reader === 'none' ? '' : formatCount(tableCount)),
    },
    { id: 'crawled', header: 'Last full scan', cell: (one) => <LastCrawl index={one} /> },
    { id: 'state', header: 'Last run', cell: (one) => <LastRun index={one} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 110,
      cell: ({ catalog, reader }) =>
        reader !== 'none' && (
          <WaitingButton
            variant="subtle"
            size="compact-xs"
            aria-label={`Index now: ${catalog}`}
            loading={startingCatalog === catalog}
            onClick={() => index(catalog)}
          >
            Index now
          </WaitingButton>
        ),
    },
  ]
}

function LastCrawl({ index: { reader, crawledAtMs, isTruncated } }: { index: SearchIndex }) {
  if (reader === 'none') return null
  if (crawledAtMs === null) return <span className="quiet">not yet</span>
  return (
    <span className={classes.state}>
      <RelativeTime atMs={crawledAtMs} />
      {isTruncated && (
        <>
          <IconAlertTriangle size={14} stroke={1.6} aria-hidden /> larger than a crawl reads
        </>
      )}
    </span>
  )
}

function LastRun({ index: { lastRun } }: { index: SearchIndex }) {
  if (lastRun === null) return <span className="quiet">none</span>
  const link = (
    <Link href={paths.run(lastRun.runId)} prefetch={false}>
      {lastRun.state === 'queued' && lastRun.failure !== null ? 'will be tried again' : lastRun.state}
    </Link>
  )
  if (lastRun.failure === null) return link
  return (
    <span className={`${classes.state} ${classes.failed}`}>
      <IconAlertOctagon size={14} stroke={1.6} aria-hidden />
      <span>
        {link}: {lastRun.failure}
      </span>
    </span>
  )
}
