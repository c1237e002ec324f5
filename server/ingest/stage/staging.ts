import 'server-only'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { type PartitionColumn, partitionColumns } from '@/server/data-files/write/partition-sql'
import { isStored } from '@/server/data-files/write/writable-columns'
import { stagedColumn } from '../input/checked-rows'
import type { StageProgress, StageRequest } from '../stage-request'

const PROGRESS_EVERY_MS = 200

export type OnProgress = (progress: StageProgress) => void

/** One staging, whichever strategies it tries: the request, DuckDB, and the progress. */
export class Staging {
  readonly request: StageRequest
  readonly session: DuckdbSession
  readonly inputBytes: number
  readonly partitionColumns: readonly PartitionColumn[]
  /** The schema of the files: the table's, without columns that are not stored. */
  readonly storedSchema: Schema
  readonly #onProgress: OnProgress
  #progress: StageProgress = { phase: 'reading', bytesRead: 0, rowsRead: 0, filesWritten: 0 }

  constructor(request: StageRequest, session: DuckdbSession, inputBytes: number, onProgress: OnProgress) {
    this.request = request
    this.session = session
    this.inputBytes = inputBytes
    this.#onProgress = onProgress
    this.partitionColumns = partitionColumns(request.spec, request.schema, stagedColumn)
    this.storedSchema = { ...request.schema, fields: request.schema.fields.filter(isStored) }
  }

  report(change: Partial<StageProgress>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#onProgress(this.#progress)
  }

  /** @param recordCount of the file that was written last: a stream has no other count of its rows */
  reportFile(filesWritten: number, recordCount: number): void {
    this.report({ filesWritten, rowsRead: Math.max(this.#progress.rowsRead, recordCount) })
  }

  /** Reports the progress of a statement while it runs, in bytes of the input if it reads the input. */
  async runWithProgress<T>(phase: StageProgress['phase'], work: () => Promise<T>): Promise<T> {
    this.report({ phase })
    const readsInput = this.#progress.bytesRead < this.inputBytes
    const timer = setInterval(() => {
      const share = this.session.progress()
      if (readsInput && share !== null) this.report({ bytesRead: Math.floor(share * this.inputBytes) })
    }, PROGRESS_EVERY_MS)
    try {
      return await work()
    } finally {
      clearInterval(timer)
      if (readsInput) this.report({ bytesRead: this.inputBytes })
    }
  }
}
