import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { LoadableFile } from './decode-messages'

/** One table at one snapshot, as far as loading it goes. */
export type TableScan = {
  /** The same for the same rows and columns: table, snapshot and schema. */
  key: string
  fields: readonly NestedField[]
  /** In the order of the table's rows. */
  files: readonly LoadableFile[]
  rowCount: number
  fileBytes: number
}

/** Asks the server which files a table has. @throws {AppError} not-found, not-supported, … */
export type PlanTable = (identifier: TableIdentifier, asOf: AsOf, options: PlanOptions) => Promise<TableScan>

/** `isRetry`: a person tries again, see `Sending` of `call`. */
export type PlanOptions = { signal: AbortSignal; isRetry: boolean }
