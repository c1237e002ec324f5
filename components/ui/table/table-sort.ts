import { compareNaturally } from '@/lib/names/natural-order'

export type Sort = { columnId: string; descending: boolean }
/** A sort order and how to change it. */
export type Sorting = { sort: Sort | null; setSort: (sort: Sort) => void }
export type SortKey = string | number | bigint | null

/** `-rows` sorts by the column `rows`, largest first; `name` sorts from the smallest. */
export function sortToText({ columnId, descending }: Sort): string {
  return `${descending ? '-' : ''}${columnId}`
}

/** Compares text in natural order, so that `file 10` comes after `file 9`, and numbers and bigints by value. */
export function compareSortKeys(a: SortKey, b: SortKey): number {
  if (typeof a === 'string' || typeof b === 'string') return compareNaturally(String(a), String(b))
  if (a === null || b === null) return 0
  return a < b ? -1 : a > b ? 1 : 0
}
