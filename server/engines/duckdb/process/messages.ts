import 'server-only'
import type { PostedError } from '@/server/processes/row-messages'
import type { QueryProgress, QueryRequest } from '@/lib/query/engine'
import type { TableState } from '@/lib/query/table-state'
import type { DraftView, LakeRequest, SqlSummary } from '../../sql-engine'

/** The limits of a query. */
export type QueryLimits = {
  threads: number
  /** DuckDB's memory; the process may use somewhat more. */
  memoryMiB: number
  /** The space that DuckDB may use on the disk of the server while it runs the query. */
  tempMiB: number
  /** The memory of decoded columns. */
  loadMiB: number
  /** The memory of the result, or the size of the file that it is saved to. */
  resultBytes: number
}

export type QueryJob = {
  request: QueryRequest
  /** The columns are found, and the statement is not run. */
  readsNoRows?: boolean
  /** The result is written to `resultFile`, and not sent. */
  savesResult?: boolean
  draftView?: DraftView
  tableStates?: readonly TableState[]
  limits: QueryLimits
  /** The process's own folder. */
  tempDir: string
}

/** Messages from the process of a query. Rows are sent one piece at a time: the next follows `taken`. */
export type FromQueryProcess =
  /** A request to the server's own API, whose response it waits for. */
  | { kind: 'fetch'; id: number; request: LakeRequest }
  | { kind: 'pull'; id: number }
  | { kind: 'abandon'; id: number }
  | { kind: 'progress'; progress: QueryProgress }
  /** The memory of the process, where the server cannot read it. */
  | { kind: 'memory'; residentBytes: number }
  /** The rows that were sent do not count: the query runs once more. */
  | { kind: 'restart' }
  /** An Arrow IPC stream whose first `rowCount` rows count. */
  | { kind: 'rows'; rowCount: number; arrow: Uint8Array }
  | { kind: 'done'; summary: SqlSummary }
  | { kind: 'failed'; error: PostedError }

export type ToQueryProcess =
  | { kind: 'start'; job: QueryJob }
  | { kind: 'taken' }
  | { kind: 'response'; id: number; status: number; headers: readonly (readonly [string, string])[] }
  /** In reply to `pull`; null at the end of the body. */
  | { kind: 'bytes'; id: number; bytes: Uint8Array | null }
  | { kind: 'fetch-failed'; id: number; message: string }
