import 'server-only'
import type { ErrorCode } from '@/lib/errors'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import type { Schema, Value } from '@/lib/iceberg/schema/types'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

/**
 * What the worker asks of its DuckDB child and what it hears back. Everything here can be cloned between processes;
 * 64-bit values stay bigint and bounds stay bytes (`serialization: 'advanced'`).
 */

export const INPUT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type InputFormat = (typeof INPUT_FORMATS)[number]

export type StageRequest = {
  input: { path: string; format: InputFormat; ignoreExtra: boolean }
  /** The table's, with its field ids. */
  schema: Schema
  spec: PartitionSpec
  /** Absolute, there and empty; everything the child writes but the list of rejects is in it. */
  stagingDir: string
  /** Where the child lists rows that do not fit, and where the list will be found afterwards. */
  rejects: { file: string; location: string }
  /** How many rows may be left out; 0 for none. */
  maxRejectedRows: number
  /** `flights_data_20260102`: what file names begin with. */
  fileStem: string
  write: WriteSettings
  limits: StageLimits
}

/** How files are written: the table's `write.*` properties, read by `write-settings`. */
export type WriteSettings = {
  codec: 'uncompressed' | 'gzip' | 'snappy' | 'zstd' | 'lz4'
  /** Of zstd; null: the writer's own. */
  level: number | null
  /** Plain bytes a row group is meant to hold. */
  rowGroupBytes: number
  maxRowGroupRows: number
  targetFileBytes: number
  /** Metrics mode by column path (`a.b`), and of columns not named. */
  metrics: { byColumn: Readonly<Record<string, MetricsMode>>; fallback: MetricsMode }
}
export type MetricsMode = { kind: 'none' | 'counts' | 'full' } | { kind: 'truncate'; length: number }

export type StageLimits = { memoryMiB: number; threads: number; tempMiB: number }

/** One finished file in the staging folder. */
export type StagedFile = {
  stagedPath: string
  /** `{stem}_{ulid}.parquet` */
  fileName: string
  partition: readonly (Value | null)[]
  recordCount: number
  fileSizeBytes: number
  metrics: Metrics
  /** Where row groups begin, ascending. */
  splitOffsets: readonly number[]
  /** Plain bytes are counted, never estimated. */
  sizes: DataFileSizes & { plainBytes: number }
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

/** What the child says. After `done` or `failed` it ends. */
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
