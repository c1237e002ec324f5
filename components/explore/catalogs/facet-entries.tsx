'use client'
import { IconAlertOctagon, IconEye, IconTable, IconTag, IconUser } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { BadgeChip } from '@/components/about/badge-chip'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { Bytes } from '@/components/ui/values/bytes'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { RowCount } from '@/components/ui/values/row-count'
import { Unknown } from '@/components/ui/values/unknown'
import { VisibleText } from '@/components/ui/values/visible-text'
import { facetEntriesQuery } from '@/lib/client/search'
import type { FacetEntry, FacetKind } from '@/lib/contract/facets'
import type { TableSummary } from '@/lib/contract/namespaces'
import { ERROR_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { BrowseLinks } from './browse-links'
import classes from './catalog-page.module.css'
import { CoverageNote } from './coverage-note'

/** The tables and views with an owner or a tag, with their main figures. */
export function FacetEntries({ kind, name }: { kind: FacetKind; name: string }) {
  const router = useRouter()
  const query = useInfiniteQuery(facetEntriesQuery(kind, name))
  const pages = query.data?.pages ?? []
  const listing = toListing(query, (page) => page.entries)
  const noun = kind === 'owner' ? 'Owner' : 'Tag'
  const Icon = kind === 'owner' ? IconUser : IconTag
  return (
    <div className="stack fill">
      <header className={classes.head}>
        <Icon size={18} stroke={1.6} className={classes.headIcon ?? ''} aria-hidden />
        <h1 className={classes.title} aria-label={visibleText(`${noun} ${name}`)}>
          <VisibleText>{name}</VisibleText>
        </h1>
        <span className="quiet">{noun.toLowerCase()}</span>
        <BrowseLinks current={kind} />
      </header>
      <CoverageNote catalogs={pages[0]?.incompleteCatalogs ?? []} />
      {query.data === undefined ? (
        <Unloaded
          query={query}
          subject="The list of tables"
          className={classes.body}
          skeleton={[8, 4, 'Reading the tables']}
        />
      ) : listing.rows.length === 0 ? (
        <EmptyState>
          No table that you can read has the {noun.toLowerCase()} “{visibleText(name)}”.
        </EmptyState>
      ) : (
        <DataTable
          label={`Tables and views with the ${noun.toLowerCase()} ${name}`}
          columns={COLUMNS}
          rows={listing}
          rowKey={hrefOf}
          onOpen={(entry) => router.push(hrefOf(entry))}
          rowMessage={({ problem }) =>
            problem && (
              <span className={classes.problem} title={problem.detail}>
                <IconAlertOctagon size={14} stroke={1.6} aria-hidden />
                {ERROR_CODES[problem.code].title}: {problem.detail}
              </span>
            )
          }
          gutter
          scrolls
          stacks
        />
      )}
      {query.data && (
        <PageFooter>
          <span>
            {formatQuantity(listing.rows.length, 'entry', 'entries')}
            {query.hasNextPage && ', and there are more'}
          </span>
          <NextPageButton query={query} size="compact-xs">
            Show more
          </NextPageButton>
        </PageFooter>
      )}
    </div>
  )
}

function hrefOf({ kind, catalog, namespace, table: name }: FacetEntry): string {
  return paths.entry(catalog, namespace, { kind, name })
}

/** A cell with a figure of a table; empty for views. */
function figureCell(renderCell: (summary: TableSummary) => ReactNode): (entry: FacetEntry) => ReactNode {
  return ({ summary }) => summary && renderCell(summary)
}

const COLUMNS: readonly Column<FacetEntry>[] = [
  {
    id: 'name',
    header: 'Name',
    weight: 'name',
    cell: (entry) => {
      const { kind, namespace, table, summary } = entry
      const Icon = kind === 'view' ? IconEye : IconTable
      return (
        <span className={classes.name}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <Link href={hrefOf(entry)} tabIndex={-1} prefetch={false}>
            <VisibleText>{`${namespaceLabel(namespace)}.${table}`}</VisibleText>
          </Link>
          {summary && <BadgeChip {...summary.about} />}
        </span>
      )
    },
  },
  { id: 'catalog', header: 'Catalog', cell: ({ catalog }) => <span className="secondary">{catalog}</span> },
  {
    id: 'rows',
    header: 'Rows',
    headerTitle: 'Rows in data files, without subtracting deletes',
    align: 'end',
    cell: figureCell(({ rowCount, deleteFileCount }) => (
      <RowCount rowCount={rowCount} deleteFileCount={deleteFileCount} />
    )),
  },
  { id: 'bytes', header: 'Live bytes', align: 'end', cell: figureCell(({ liveBytes }) => <Bytes value={liveBytes} />) },
  {
    id: 'commit',
    header: 'Last snapshot',
    align: 'end',
    cell: figureCell(({ lastCommitMs }) => (
      <span className="secondary">
        {lastCommitMs === null ? <Unknown reason="no snapshots yet" /> : <RelativeTime atMs={lastCommitMs} />}
      </span>
    )),
  },
]
