import type { SkippedByFilter } from '@/lib/contract/table/scan'
import type { AppError } from '@/lib/errors'
import type { ReadCost } from '@/lib/scan/data-files'
import type { FilterProgress } from '@/lib/scan/filtered-rows'
import type { ShrunkRows } from '@/lib/scan/live-rows'
import type { RowOrder } from './sort-rows'

/** State of reading the visible rows. */
export type ReadState = {
  /** Changes with every change of the store. */
  version: number
  /** Changes when a value or a failure of a row changes, so only then do cells have to be drawn again. */
  valuesVersion: number
  isReading: boolean
  cost: ReadCost
  /** Duration of the last request; null before the first. */
  elapsedMs: number | null
  /** Why visible rows are missing; null if none are. */
  problem: AppError | null
  /** Without the rows that are known to be deleted. */
  rowCount: number
  /**
   * Whether `rowCount` is exact, is being counted, waits for the user to ask for it because much has to be read, or
   * cannot be counted (see `countProblem`).
   */
  counting: 'exact' | 'running' | 'paused' | 'failed'
  countProblem: AppError | null
  /** The last time that rows on screen moved because others before them turned out to be deleted. */
  moved: { revision: number; shrunk: readonly ShrunkRows[] }
  sort: SortState
  /** The plan's token has expired: pass a new plan to `resume`. */
  isExpired: boolean
  /** The search for rows that pass a filter; null without one. */
  search: SearchState | null
}

/** Whether rows are in the order of the scan, are being sorted, or are sorted. */
export type SortState =
  | { status: 'none' }
  | { status: 'running'; order: RowOrder; readRows: number }
  | { status: 'sorted'; order: RowOrder }
  | { status: 'failed'; order: RowOrder; error: AppError }

export type SearchState = {
  /** `paused`: it waits for the user to continue it, because much was read or because the user stopped it. */
  status: 'running' | 'paused' | 'complete' | 'failed'
  /** Why it failed. */
  problem: AppError | null
  progress: FilterProgress
  /** The files that the server skipped among those listed so far. */
  skipped: SkippedByFilter
}

export const INITIAL_STATE: ReadState = {
  version: 0,
  valuesVersion: 0,
  isReading: false,
  cost: { bytesRead: 0, requests: 0, filesRead: 0, sizeMismatches: [] },
  elapsedMs: null,
  problem: null,
  isExpired: false,
  rowCount: 0,
  counting: 'exact',
  countProblem: null,
  moved: { revision: 0, shrunk: [] },
  sort: { status: 'none' },
  search: null,
}
