'use client'
import { IconTag, IconUser } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import type { Listing } from '@/components/ui/table/listing'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useSettled } from '@/components/ui/use-settled'
import { Toolbar } from '@/components/ui/toolbar'
import { Count } from '@/components/ui/values/count'
import { VisibleText } from '@/components/ui/values/visible-text'
import { facetsQuery } from '@/lib/client/search'
import type { Facet, FacetKind } from '@/lib/contract/facets'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { nameFilter } from '@/lib/search/name-filter'
import { BrowseLinks } from './browse-links'
import classes from './catalog-page.module.css'
import { CoverageNote } from './coverage-note'

const NOUNS = {
  owner: { title: 'Owners', noun: 'owner', icon: IconUser, property: 'owner' },
  tag: { title: 'Tags', noun: 'tag', icon: IconTag, property: 'lakeshore.tags' },
} as const

/** The owners or the tags of tables and views, each with its number. */
export function FacetList({ kind }: { kind: FacetKind }) {
  const router = useRouter()
  const [filter, setFilter] = useState('')
  const typed = filter.trim()
  const settled = useSettled(typed)
  const query = useQuery(facetsQuery(kind))
  // A list that leaves out some is filtered by the server, which has all of them.
  const isPart = query.data?.isTruncated === true
  const found = useQuery(facetsQuery(kind, isPart ? settled : ''))
  const isSearching = isPart && (typed !== settled || found.isPlaceholderData || found.isPending)
  const { title, noun, icon: Icon, property } = NOUNS[kind]
  const facets = query.data?.facets ?? []
  const isMatch = nameFilter(typed)
  const listing: Listing<Facet> = isPart
    ? { rows: found.data?.facets ?? [], isWhole: !isSearching && found.data?.isTruncated === false }
    : { rows: facets.filter(({ name }) => isMatch(name)), isWhole: query.isSuccess }
  const columns: readonly Column<Facet>[] = [
    {
      id: 'name',
      header: 'Name',
      weight: 'name',
      sortBy: ({ name }) => name,
      cell: ({ name }) => (
        <span className={classes.name}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <Link href={paths.facets(kind, name)} tabIndex={-1} prefetch={false}>
            <VisibleText>{name}</VisibleText>
          </Link>
        </span>
      ),
    },
    {
      id: 'count',
      header: 'Tables and views',
      align: 'end',
      weight: 'figure',
      sortBy: ({ entryCount }) => entryCount,
      cell: ({ entryCount }) => <Count value={entryCount} />,
    },
  ]
  return (
    <div className="stack fill">
      <header className={classes.head}>
        <h1 className={classes.title}>{title}</h1>
        {query.data && (
          <span>
            {query.data.isTruncated
              ? `the ${formatCount(facets.length)} with the most tables`
              : formatQuantity(facets.length, noun)}
          </span>
        )}
        <BrowseLinks current={kind} />
      </header>
      <CoverageNote catalogs={query.data?.incompleteCatalogs ?? []} />
      {!query.isSuccess ? (
        <Unloaded query={query} subject={title} className={classes.body} skeleton={[8, 2, `Reading the ${noun}s`]} />
      ) : facets.length === 0 ? (
        <EmptyState>
          No table that you can read has {kind === 'owner' ? 'an owner' : 'a tag'}. Set one in the{' '}
          <em>About this table</em> panel of a table, or let an engine set the property <code>{property}</code>.
        </EmptyState>
      ) : (
        <>
          <Toolbar>
            <FilterField
              label={isPart ? `Filter ${noun}s` : `Filter ${formatQuantity(facets.length, noun)}`}
              value={filter}
              onChange={setFilter}
              hasSlashShortcut
              width={240}
            />
          </Toolbar>
          {found.data === undefined ? (
            <Unloaded
              query={found}
              subject={title}
              className={classes.body}
              skeleton={[8, 2, `Searching the ${noun}s`]}
            />
          ) : listing.rows.length === 0 && isSearching ? (
            <SkeletonRows rows={8} columns={2} label={`Searching the ${noun}s`} />
          ) : listing.rows.length === 0 ? (
            <EmptyState>
              No {noun} matches “{typed}”.
            </EmptyState>
          ) : (
            <DataTable
              label={title}
              columns={columns}
              rows={listing}
              rowKey={({ name }) => name}
              onOpen={({ name }) => router.push(paths.facets(kind, name))}
              gutter
              scrolls
              stacks
            />
          )}
        </>
      )}
    </div>
  )
}
