import type { QueryKey } from '@tanstack/react-query'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import type { PagedQuery } from '@/components/ui/table/listing'
import { type PageOptions, useFilteredListing } from '@/components/ui/table/use-filtered-listing'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { nameFilter } from '@/lib/search/name-filter'

type FolderFilter = { search?: string }

type FolderPages = PagedQuery<{ searchedCount: number }>

/** The entries of a folder, filtered by their names; see `useFilteredListing`. */
export function useFolderListing<Page, Row extends { name: string }, Key extends QueryKey, Token>(
  toQuery: (filter: FolderFilter | null) => PageOptions<Page, Key, Token>,
  rowsOf: (page: Page) => readonly Row[],
  filter: string,
) {
  const search = filter.trim()
  return useFilteredListing(toQuery, {
    filter: search === '' ? {} : { search },
    rowsOf,
    isMatch: ({ name }: Row, { search: text = '' }: FolderFilter) => nameFilter(text)(name),
  })
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
