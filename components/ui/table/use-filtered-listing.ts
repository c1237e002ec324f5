'use client'
import { type InfiniteData, type QueryKey, useInfiniteQuery, type UseInfiniteQueryOptions } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { type Listing, toListing } from './listing'

export type PageOptions<Page, Key extends QueryKey, Param> = UseInfiniteQueryOptions<
  Page,
  Error,
  InfiniteData<Page>,
  Key,
  Param
>

type Options<Page, Row, Filter> = {
  /** The request of the user, without fields if there is none. `search` is the text of a filter field. */
  filter: Filter
  rowsOf: (page: Page) => readonly Row[]
  /** Whether a row of the whole list is one that the filter asks for. */
  isMatch: (row: Row, filter: Filter) => boolean
}

/**
 * A list that is read page by page, and its rows that a filter finds. A list that is loaded completely is filtered at
 * once, here. Otherwise the server filters it, after a pause in typing, because the pages that are loaded say nothing
 * about the others: `toQuery` has the requests for both.
 */
export function useFilteredListing<Page, Row, Filter extends { search?: string }, Key extends QueryKey, Param>(
  toQuery: (filter: Filter | null) => PageOptions<Page, Key, Param>,
  { filter, rowsOf, isMatch }: Options<Page, Row, Filter>,
) {
  const all = useInfiniteQuery(toQuery(null))
  const search = filter.search ?? ''
  const settledSearch = useSettled(search)
  const { search: _, ...others } = filter
  const settled = { ...others, ...(settledSearch !== '' && { search: settledSearch }) } as Filter
  const whole = toListing(all, rowsOf)
  const isHere = whole.isWhole || all.data === undefined
  const query = useInfiniteQuery(toQuery(isHere || isEmpty(settled) ? null : settled))
  const isSearching = !isHere && (search !== settledSearch || query.isPlaceholderData || query.isPending)
  const listing: Listing<Row> = isHere
    ? { ...whole, rows: isEmpty(filter) ? whole.rows : whole.rows.filter((row) => isMatch(row, filter)) }
    : toListing(query, rowsOf)
  return {
    /** The query of the list without a filter. */
    all,
    /** The rows of the list without a filter, as far as they are loaded. */
    allRows: whole,
    /** The query of the shown rows. */
    query,
    /** The shown rows: until a search ends, those that were shown before it. */
    listing,
    /** Whether the server has not answered what the filter asks for. */
    isSearching,
  }
}

function isEmpty(filter: object): boolean {
  return Object.keys(filter).length === 0
}
