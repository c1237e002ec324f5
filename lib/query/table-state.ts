import type { Schema } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { FilesOfSnapshot } from '@/lib/scan/plan/appended-files'

/**
 * A state of a table that a statement reads in place of the current one, wherever it or a view names the table without a
 * version or a time.
 */
export type TableState = {
  identifier: TableIdentifier
  /** The rows are read with it, by field id. */
  schema: Schema
  /** Null for a table without a snapshot. */
  snapshotId: string | null
  /** The files that are read; null for all files of the snapshot. */
  parts: readonly FilesOfSnapshot[] | null
}
