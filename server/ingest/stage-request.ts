import 'server-only'
import type { ErrorCode } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { WriteSettings } from '@/server/data-files/write/write-settings'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

/**
 * The messages between the worker and its DuckDB child. They are cloned between processes; 64-bit values stay bigint
 * and bounds stay bytes (`serialization: 'advanced'`).
 */

export type StageRequest = {
  input: { path: string; format: InputFormat; ignoreExtra: boolean }
  /** The table's schema, with its field ids. */
  schema: Schema
  spec: PartitionSpec
  /** An absolute path of an existing, empty folder; the child writes everything there except the list of rejects. */
  stagingDir: string
  /** Where the child lists rows that do not fit, and where the list will be stored afterwards. */
  rejects: { file: string; location: string }
  /** How many rows may be rejected; 0 for none. */
  maxRejectedRows: number
  /** `flights_data_20260102`: the prefix of file names. */
  fileStem: string
  write: WriteSettings
  limits: DuckdbLimits
}

export type StageResult = {
  files: readonly StagedFile[]
  rowsRead: number
  rowsRejected: number
}

export const STAGE_PHASES = ['reading', 'checking', 'writing', 'measuring'] as const
export type StageProgress = {
  phase: (typeof STAGE_PHASES)[number]
  bytesRead: number
  rowsRead: number
  filesWritten: number
}

/** The messages of the child. After `done` or `failed` it ends. */
export type ChildMessage =
  | { kind: 'progress'; progress: StageProgress }
  | { kind: 'done'; result: StageResult }
  | {
      kind: 'failed'
      code: ErrorCode | null
      detail: string
      facts: Readonly<Record<string, string | number | null>>
      stack: string
    }
