import type { RecordBatch } from 'apache-arrow'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import type { LoadCost } from './load-columns'

/** A request to run SQL: the text, the cursor's position in it, and what names without a connection refer to. */
export type QueryRequest = {
  sql: string
  cursor: number
  connection: string
  connections: readonly string[]
  /** The most rows to show. */
  maxRows: number
}

/** What running a statement would read. */
export type QueryCost = {
  /** Position of the statement among those of the text, from 1. */
  statementNumber: number
  statementCount: number
  columns: number
  totalColumns: number
  /** Stored bytes that would be transferred; 0 if all columns are loaded already. */
  readBytes: number
  totalBytes: number
  /** Size in memory; an estimate. */
  decodedBytes: number
  files: number
  /** Only the first rows are needed, so only the first files are read. */
  isFirstRowsOnly: boolean
  /** Extrapolated from the footers of some files. */
  isEstimate: boolean
}

export type QueryProgress = {
  step: 'starting' | 'planning' | 'loading' | 'running'
  readBytes: number
  totalBytes: number
  rowCount: number
}

/** Milliseconds of each part of a run; the parts of loading overlap. */
export type QueryTiming = {
  startMs: number
  planMs: number
  fetchMs: number
  decodeMs: number
  insertMs: number
  runMs: number
  totalMs: number
}

export type QueryResult = {
  columns: readonly { name: string; type: string }[]
  batches: readonly RecordBatch[]
  rowCount: number
  /** There were more rows than the limit. */
  isCut: boolean
  cost: LoadCost
  timing: QueryTiming
  columnsRead: number
  totalColumns: number
  /** Files read for this or an earlier query whose length differs from that in the manifest. */
  sizeMismatches: readonly SizeMismatch[]
  /** Columns with a zone, shown in UTC. */
  utcColumns: readonly string[]
  /** A result to read as text, such as that of EXPLAIN. */
  isText: boolean
}
