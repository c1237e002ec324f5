/** Rows of a list, and whether they are all rows. Only a whole list can be filtered and sorted where it is shown. */
export type Listing<Row> = {
  rows: readonly Row[]
  /** Whether the server has no more rows than these. */
  isWhole: boolean
}

/** A query that reads a list page by page. */
export type PagedQuery<Page> = {
  data: { pages: readonly Page[] } | undefined
  hasNextPage: boolean
  /** Until it has an answer, it shows that of another query. */
  isPlaceholderData: boolean
}

/** The rows that a query has read so far. */
export function toListing<Page, Row>(
  { data, hasNextPage, isPlaceholderData }: PagedQuery<Page>,
  rowsOf: (page: Page) => readonly Row[],
): Listing<Row> {
  return {
    rows: data?.pages.flatMap(rowsOf) ?? [],
    isWhole: data !== undefined && !hasNextPage && !isPlaceholderData,
  }
}

/** The rows of a query that joins its pages itself. */
export function joinedListing<Row>(
  { hasNextPage, isPlaceholderData }: { hasNextPage: boolean; isPlaceholderData: boolean },
  rows: readonly Row[],
): Listing<Row> {
  return { rows, isWhole: !hasNextPage && !isPlaceholderData }
}
