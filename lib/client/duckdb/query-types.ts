import type { RecordBatch } from 'apache-arrow'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import type { LoadCost } from './load-columns'

/** What a person asks: the text, where the cursor stands in it, and what names without a connection mean. */
export type QueryRequest = {
  sql: string
  cursor: number
  connection: string
  connections: readonly string[]
  /** Rows shown at most. */
  maxRows: number
}

/** What running a statement would read. */
export type QueryCost = {
  /** Place of the statement among those of the text, from 1. */
  statementNumber: number
  statementCount: number
  columns: number
  totalColumns: number
  /** Stored bytes that would come over the wire; 0 where all is loaded already. */
  readBytes: number
  totalBytes: number
  /** Once in memory; an estimate. */
  decodedBytes: number
  files: number
  /** Only the first rows are asked for, so that only the first files are read. */
  isFirstRowsOnly: boolean
  /** From the footers of some files, taken for all. */
  isEstimate: boolean
}

export type QueryProgress = {
  step: 'starting' | 'planning' | 'loading' | 'running'
  readBytes: number
  totalBytes: number
  rowCount: number
}

/** Milliseconds of each part of a run; loading's parts overlap each other. */
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
  /** More rows were there than were asked to be shown. */
  isCut: boolean
  cost: LoadCost
  timing: QueryTiming
  columnsRead: number
  totalColumns: number
  /** Files of the tables that were read, for this query or one before, and are not as long as their tables say. */
  sizeMismatches: readonly SizeMismatch[]
  /** Columns with a zone, shown in UTC. */
  utcColumns: readonly string[]
  /** An answer to read as text: what EXPLAIN says. */
  isText: boolean
}
