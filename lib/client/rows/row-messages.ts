import type { ErrorCode } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { LiveFile } from '@/lib/scan/live-rows'
import type { ReadCost, RowBatch } from '@/lib/scan/read-rows'
import type { SortDirection } from '@/lib/scan/sort/sort-keys'
import type { ListedFile } from '../listed-files'

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
}

/** A reply of the worker. A batch may lack the rows of files that cannot be read; they are in `failed`. */
export type RowsReply =
  | {
      kind: 'rows'
      id: number
      batches: readonly RowBatch[]
      failed: readonly FailedRows[]
      cost: ReadCost
      elapsedMs: number
    }
  | { kind: 'counted'; id: number; counts: readonly number[]; cost: ReadCost }
  | { kind: 'keys-added'; id: number; cost: ReadCost }
  | { kind: 'sorted'; id: number; order: Uint32Array }
  | { kind: 'failed'; id: number; error: SerializedError }
  | { kind: 'pong' }

export type FailedRows = { firstRow: number; lastRow: number; error: SerializedError }

/** An AppError in a message to the page. */
export type SerializedError = {
  code: ErrorCode
  message: string
  facts: Readonly<Record<string, string | number | null>>
  requestId: string | null
}
