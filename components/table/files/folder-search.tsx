import type { QueryKey } from '@tanstack/react-query'
import type { ComponentProps } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import type { Listing, PagedQuery } from '@/components/ui/table/listing'
import { type PageOptions, useFilteredListing } from '@/components/ui/table/use-filtered-listing'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { nameFilter } from '@/lib/search/name-filter'

type FolderSearch = { search?: string }

type FolderPages = PagedQuery<{ searchedCount: number }>

/** The entries of a folder, filtered by their names; see `useFilteredListing`. */
export function useFolderListing<Page, Row extends { name: string }, Key extends QueryKey, Token>(
  toQuery: (filter: FolderSearch | null) => PageOptions<Page, Key, Token>,
  rowsOf: (page: Page) => readonly Row[],
  filter: string,
) {
  const search = filter.trim()
  return useFilteredListing(toQuery, {
    filter: search === '' ? {} : { search },
    rowsOf,
    isMatch: ({ name }: Row, { search: text = '' }: FolderSearch) => nameFilter(text)(name),
  })
}

type FolderFilterProps = Pick<ComponentProps<typeof FilterField>, 'placeholder' | 'width' | 'value' | 'onChange'> & {
  /** All entries, as far as they are read. */
  entries: Listing<unknown>
}

/** Filters the entries of a folder by their names; it says how many they are once all are read. */
export function FolderFilter({ entries: { rows, isWhole }, ...field }: FolderFilterProps) {
  const subject = isWhole ? formatQuantity(rows.length, 'entry', 'entries') : 'entries'
  return <FilterField label={`Filter ${subject} by name`} hasSlashShortcut {...field} />
}

/** Says that the filter finds nothing, and how far the server has searched. */
export function NoFolderMatches({
  search,
  query,
  isSearching,
}: {
  search: string
  query: FolderPages
  isSearching: boolean
}) {
  if (isSearching) return <SkeletonRows rows={12} columns={4} label="Searching the folder" />
  if (!query.hasNextPage) return <EmptyState>Nothing matches “{search}”.</EmptyState>
  return (
    <EmptyState>
      Nothing matches “{search}” among the first {formatQuantity(countSearched(query), 'entry', 'entries')}. The others
      are not searched yet.
    </EmptyState>
  )
}

/** Reads on: the list, or the search in it. */
export function NextFolderPage({
  query,
  shownCount,
  isFiltered,
  isSearching,
}: {
  query: FolderPages & Parameters<typeof NextPageButton>[0]['query']
  shownCount: number
  isFiltered: boolean
  isSearching: boolean
}) {
  if (isSearching) return <span role="status">Searching the folder…</span>
  const shown = formatQuantity(shownCount, 'entry', 'entries')
  return (
    <NextPageButton query={query}>
      {isFiltered
        ? `Found ${shown} among the first ${formatCount(countSearched(query))}. Search on`
        : `Showing ${shown}. Load more`}
    </NextPageButton>
  )
}

function countSearched({ data }: FolderPages): number {
  return data?.pages.reduce((sum, { searchedCount }) => sum + searchedCount, 0) ?? 0
}
