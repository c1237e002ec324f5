import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryProgress, QueryRequest, QueryResult, ResultColumn } from '@/lib/query/engine'
import type { TableState } from '@/lib/query/table-state'
import type { PlanOperator } from '@/lib/query/query-plan'

/**
 * The port of every engine that runs SQL on the server over tables of the lake. An adapter resolves the names of a
 * statement by itself, because planning needs the engine's own plan, and reads them only with the permissions of the
 * user behind `access`. The rest of the server knows only this port.
 *
 * Every method fails with an {@link AppError}: query-failed (facts `start`, `end`, `hint`), not-found, forbidden,
 * not-supported, too-large, cancelled, file-missing, file-damaged; internal when the engine itself is at fault.
 */
export type SqlEngine = {
  readonly capabilities: SqlCapabilities
  /** Runs the statement at the cursor. Nothing happens until the first event is read. */
  run(statement: SqlStatement, options: SqlOptions): SqlRun
  /**
   * Runs the statement at the cursor, and writes all rows of its result to a new Parquet file. Each column has its name,
   * which no other one may have, whatever its case. Values are exact; those of types that Iceberg has not are their text.
   *
   * @param options.limits `resultBytes` limits the size of the file
   */
  save(statement: SqlStatement, options: SqlOptions & SaveOptions): Promise<SqlSummary>
  /** How the engine would run the statement at the cursor; null when the engine's plan cannot be drawn. */
  explain(statement: SqlStatement, options: SqlOptions): Promise<readonly PlanOperator[] | null>
  /**
   * The columns that the statement at the cursor returns, without running it. No rows are read, unless they decide the
   * columns (PIVOT).
   *
   * @param options.draftView is read under its name as if the catalog had it
   */
  describe(statement: SqlStatement, options: SqlOptions & { draftView?: DraftView }): Promise<readonly ResultColumn[]>
}

export type SqlCapabilities = {
  /** The dialect of statements, as views name it: `duckdb`. */
  dialect: string
  /** The longest that a statement may take. */
  maxSeconds: number
  /** The most bytes of columns, once decoded, that a statement may load. */
  maxLoadBytes: number
}

export type SqlStatement = QueryRequest

export type SqlOptions = {
  /** Cancels the statement. */
  signal: AbortSignal
  access: LakeAccess
  /** Limits in addition to those of the engine. */
  limits: SqlLimits
  /** Tables that are read in other states than their current ones. */
  tableStates?: readonly TableState[]
}

export type SaveOptions = {
  /** An absolute path at which there is no file; a failed statement leaves none. */
  file: string
  onProgress?: (progress: QueryProgress) => void
}

export type SqlLimits = {
  /** The most memory of the result, or the largest file that it is saved to. */
  resultBytes: number
  /** Only less than the engine's own limit has an effect. */
  seconds?: number
}

/** How an engine reads the lake on behalf of one user. */
export type LakeAccess = {
  /** Sends a reading request to our own API, as the user: every table, view, file and range is checked there. */
  read: (request: LakeRequest, signal: AbortSignal) => Promise<Response>
  /**
   * Called with each table and view before it is read, those behind views too, and perhaps more than once. A failed
   * statement has no summary of its sources, and its message may contain values of any of them.
   */
  onEntryRead?: (identifier: TableIdentifier) => void
}

export type LakeRequest = {
  method: string
  /** A path of the API and a query string. */
  url: string
  headers: readonly (readonly [string, string])[]
  body: string | null
}

/**
 * The events of one run, for one reader. A reader that stops early (`break`, `return`) cancels the run, and the
 * iterator returns when it has ended.
 */
export type SqlRun = AsyncIterable<SqlEvent> & {
  /**
   * Resolves when the run has ended completely. May be called at any time, and more than once. A pending read fails
   * with `cancelled`, and later ones find the end.
   */
  cancel(): Promise<void>
}

/** In this order; `restart` drops the rows before it, and `done` is the last. */
export type SqlEvent =
  | { kind: 'progress'; progress: QueryProgress }
  /** The engine had to start again: the rows before it do not count. */
  | { kind: 'restart' }
  /** An Arrow IPC stream of one batch whose first `rowCount` rows count. A result without rows has its types. */
  | { kind: 'rows'; rowCount: number; arrow: Uint8Array }
  | { kind: 'done'; summary: SqlSummary }

/** A result without its rows. */
export type SqlSummary = Omit<QueryResult, 'batches'>

/** A view that the catalog does not have like this. */
export type DraftView = {
  identifier: TableIdentifier
  dialect: string
  sql: string
  defaultCatalog: string | null
  defaultNamespace: readonly string[]
}
