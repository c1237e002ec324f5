import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { LiveFile } from '@/lib/scan/live-rows'
import type { ReadCost } from '@/lib/scan/data-files'
import type { RowBatch } from '@/lib/scan/read-rows'
import type { ShownValue } from '@/lib/scan/read/unreadable-cell'
import type { FilteredBatch, FilterProgress } from '@/lib/scan/filtered-rows'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import type { ListedFile } from '@/lib/api/listed-files'
import type { SerializedError } from './serialized-error'

/** A request to the worker that reads rows. `scan` identifies an opened scan. */
export type RowsRequest =
  | { kind: 'open'; scan: number; plan: ReadPlan }
  | ({ kind: 'rows'; scan: number; id: number } & RowRange)
  /** Asks how many rows of files are deleted. */
  | { kind: 'count'; scan: number; id: number; files: readonly ListedFile[] }
  /** Asks for the values of a column by which rows are sorted; the first request of a sort makes room for all rows. */
  | ({ kind: 'sort-keys'; scan: number; id: number; sort: number; capacity: number } & RowRange)
  /** Asks for the order of the rows whose values were added; the values are released. */
  | { kind: 'sort-end'; scan: number; id: number; sort: number; direction: SortDirection }
  | { kind: 'sort-release'; scan: number; sort: number }
  /** Searches for rows that pass the scan's filter, for a while, until so many bytes of the scan are read. */
  | { kind: 'search'; scan: number; id: number; maxBytes: number }
  /** Asks for rows that pass the scan's filter, counted among those. */
  | ({ kind: 'matches'; scan: number; id: number } & Omit<RowRange, 'files'>)
  /** The reply to `list`. */
  | { kind: 'listed'; scan: number; list: number; files: ListedFilesPage | SerializedError }
  /** Another token for the same scan. */
  | { kind: 'renew'; scan: number; token: string }
  | { kind: 'cancel'; id: number }
  | { kind: 'close'; scan: number }
  | { kind: 'ping' }

/** Rows that are not deleted, or all rows if the plan shows deleted ones. */
export type RowRange = {
  firstRow: number
  /** Exclusive. */
  lastRow: number
  fieldIds: readonly number[]
  /** The files that contain the rows. */
  files: readonly LiveFile<ListedFile>[]
  /** Only these of the rows, ascending. They are returned as if they followed each other, from row 0. */
  rows?: readonly number[]
}

export type ReadPlan = {
  /** Permission to read the files of the scan. */
  token: string
  /** Fields of the schema that the rows are shown with. */
  fields: readonly NestedField[]
  nameMapping: NameMapping | null
  /** Whether deleted rows are rows of the scan, too; by default not. */
  showsDeleted?: boolean
  /** With it, the scan has only rows that pass. */
  filter?: ReadFilter
}

export type ReadFilter = {
  /** As in the plan of the scan. */
  where: string
  /** The first files that might have such rows. */
  files: ListedFilesPage
}

/** Files that might have rows that pass, and where the next ones start; null after the last. */
export type ListedFilesPage = { files: readonly ListedFile[]; nextFile: number | null }

/** A reply of the worker. A batch may lack the rows of files that cannot be read; they are in `failed`. */
export type RowsReply =
  | {
      kind: 'rows'
      id: number
      batches: readonly RowBatch<ShownValue>[]
      failed: readonly FailedRows[]
      cost: ReadCost
      elapsedMs: number
    }
  | { kind: 'counted'; id: number; counts: readonly number[]; cost: ReadCost }
  | { kind: 'keys-added'; id: number; cost: ReadCost }
  | { kind: 'sorted'; id: number; order: Uint32Array }
  | {
      kind: 'searched'
      id: number
      progress: FilterProgress
      /** Why the search went no further. */
      problem: SerializedError | null
      cost: ReadCost
      elapsedMs: number
    }
  | { kind: 'matches'; id: number; batch: FilteredBatch<ListedFile, ShownValue>; cost: ReadCost; elapsedMs: number }
  /** The worker needs more files of a scan with a filter. */
  | { kind: 'list'; scan: number; list: number; fromFile: number }
  | { kind: 'failed'; id: number; error: SerializedError }
  | { kind: 'pong' }

export type FailedRows = { firstRow: number; lastRow: number; error: SerializedError }
