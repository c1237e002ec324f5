import 'server-only'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { type PartitionColumn, partitionColumns } from '@/server/data-files/write/partition-sql'
import { type SortSql, sortSql } from '@/server/data-files/write/sort-sql'
import { quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import { isStored } from '@/server/data-files/write/writable-columns'
import type { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { stagedColumn } from '../input/checked-rows'
import { toFilterCheck } from '../cast/filter-check'
import { type RowCheck, toPartitionChecks, toRowChecks } from '../cast/row-check'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { clock } from '@/server/timing/clock'
import { NO_PROGRESS, type StageProgress, type StageRequest } from '../stage-request'

const PROGRESS_EVERY_MS = 200

export type OnProgress = (progress: StageProgress) => void

/** One staging, whichever strategies it tries: the request, DuckDB, and the progress. */
export class Staging {
  readonly request: StageRequest
  readonly session: DuckdbSession
  /** As the input came, which is what progress counts. */
  readonly inputBytes: number
  /** Once it is decompressed. */
  readonly #plainBytes: number
  /** A thread that encodes some of the columns of a large file. */
  readonly lane: ChunkLane | null
  readonly partitionColumns: readonly PartitionColumn[]
  /** For every row, apart from unique rules. */
  readonly checks: readonly RowCheck[]
  /** Over rows with the columns of the table; null if they are not sorted. */
  readonly sort: SortSql | null
  /** The schema of the files: the table's, without columns that are not stored. */
  readonly storedSchema: Schema
  readonly #onProgress: OnProgress
  #rowsWritten = 0
  #progress: StageProgress = { phase: 'reading', ...NO_PROGRESS }
  #reportedAtMs = -Infinity

  constructor(
    request: StageRequest,
    session: DuckdbSession,
    {
      inputBytes,
      plainBytes,
      lane,
      onProgress,
    }: { inputBytes: number; plainBytes: number; lane: ChunkLane | null; onProgress: OnProgress },
  ) {
    this.request = request
    this.session = session
    this.inputBytes = inputBytes
    this.#plainBytes = plainBytes
    this.lane = lane
    this.#onProgress = onProgress
    this.partitionColumns = partitionColumns(request.spec, request.schema, stagedColumn)
    const { rules, requirement, schema } = request
    this.checks = [
      ...toRowChecks(rules, schema.fields),
      ...toPartitionChecks(this.partitionColumns),
      ...(requirement ? toFilterCheck(requirement, schema.fields, stagedColumn) : []),
    ]
    this.sort =
      request.sortOrder &&
      sortSql(request.sortOrder, request.schema, (i) => quoteIdentifier(request.schema.fields[i]?.name ?? ''))
    this.storedSchema = { ...request.schema, fields: request.schema.fields.filter(isStored) }
  }

  report(change: Partial<StageProgress>): void {
    this.#progress = { ...this.#progress, ...(change.rowsRead !== undefined && { rowsReadEstimate: 0 }), ...change }
    this.#reportedAtMs = clock.elapsedMs()
    this.#onProgress(this.#progress)
  }

  /** @param plainBytesRead of the decompressed input */
  reportRead(plainBytesRead: number, { rowsRead, rowsRejected }: { rowsRead: number; rowsRejected: number }): void {
    const share = plainBytesRead / Math.max(1, this.#plainBytes)
    this.report({
      phase: 'reading',
      bytesRead: Math.min(this.inputBytes, Math.round(share * this.inputBytes)),
      rowsRead,
      rowsRejected,
    })
  }

  /**
   * Reports a finished file, and its rows as read: a stream has no other count of them. A report is a message to another
   * process, and thousands of small files are finished in a second, so most files are reported with others.
   */
  reportFile({ recordCount, fileSizeBytes, sizes }: StagedFile): void {
    const { rowsRead, filesWritten, plainBytesWritten, storedBytesWritten } = this.#progress
    this.#rowsWritten += recordCount
    this.#progress = {
      ...this.#progress,
      filesWritten: filesWritten + 1,
      rowsRead: Math.max(rowsRead, this.#rowsWritten),
      plainBytesWritten: plainBytesWritten + sizes.plainBytes,
      storedBytesWritten: storedBytesWritten + fileSizeBytes,
    }
    if (clock.elapsedMs() - this.#reportedAtMs >= PROGRESS_EVERY_MS) this.report({})
  }

  /** Takes back the files of an attempt that is given up. */
  reportNoFiles(): void {
    this.#rowsWritten = 0
    this.report({ rowsRead: 0, filesWritten: 0, plainBytesWritten: 0, storedBytesWritten: 0 })
  }

  /**
   * Reports the progress of a statement while it runs, in bytes of the input if it reads the input.
   *
   * @param approximateRows of the input, so that the progress has rows, too
   */
  async runWithProgress<T>(
    phase: StageProgress['phase'],
    work: () => Promise<T>,
    approximateRows?: number,
  ): Promise<T> {
    this.report({ phase })
    const readsInput = this.#progress.bytesRead < this.inputBytes
    const timer = clock.every(PROGRESS_EVERY_MS, () => {
      const share = this.session.progress()
      if (!readsInput || share === null) return
      this.report({
        bytesRead: Math.floor(share * this.inputBytes),
        ...(approximateRows !== undefined && { rowsReadEstimate: Math.floor(share * approximateRows) }),
      })
    })
    try {
      return await work()
    } finally {
      timer.cancel()
      if (readsInput) this.report({ bytesRead: this.inputBytes })
    }
  }
}
