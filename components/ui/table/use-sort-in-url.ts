'use client'
import { createParser, useQueryState } from 'nuqs'
import { type Sort, type Sorting, sortToText } from './table-sort'

const parseAsSort = createParser<Sort>({
  parse: (text) => {
    const descending = text.startsWith('-')
    const columnId = descending ? text.slice(1) : text
    return columnId === '' ? null : { columnId, descending }
  },
  serialize: sortToText,
  eq: (a, b) => a.columnId === b.columnId && a.descending === b.descending,
})

/** The sort order of the page's list, in the URL's `sort`, so that links, reload and Back keep it. */
export function useSortInUrl(): Sorting {
  const [sort, setSort] = useQueryState('sort', parseAsSort)
  return { sort, setSort: (next) => void setSort(next) }
}
