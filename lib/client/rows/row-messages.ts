import type { PlannedFile } from '@/lib/contract/scan'
import type { ErrorCode } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadCost, RowBatch } from '@/lib/scan/read-rows'

/** What the worker that reads rows is asked. `scan` names one opened scan. */
export type RowsRequest =
  | { kind: 'open'; scan: number; plan: ReadPlan }
  | { kind: 'rows'; scan: number; id: number; firstRow: number; lastRow: number; fieldIds: readonly number[] }
  | { kind: 'cancel'; id: number }
  | { kind: 'close'; scan: number }
  | { kind: 'ping' }

export type ReadPlan = {
  /** Of the schema rows are shown with. */
  fields: readonly NestedField[]
  files: readonly PlannedFile[]
  nameMapping: NameMapping | null
}

/** What it answers. A batch may lack the rows of files that cannot be read: `failed` has them. */
export type RowsReply =
  | {
      kind: 'rows'
      id: number
      batches: readonly RowBatch[]
      failed: readonly FailedRows[]
      cost: ReadCost
      elapsedMs: number
    }
  | { kind: 'failed'; id: number; error: SerializedError }
  | { kind: 'pong' }

export type FailedRows = { firstRow: number; lastRow: number; error: SerializedError }

/** An AppError as it crosses to the page. */
export type SerializedError = {
  code: ErrorCode
  message: string
  facts: Readonly<Record<string, string | number | null>>
  requestId: string | null
}
