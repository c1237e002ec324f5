import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { toQueryProblem } from '@/lib/query/duckdb-error'
import { checkColumnNames, zonedColumns } from '@/lib/query/duckdb-type'
import { DISABLED_OPTIMIZERS, type NeededColumns, neededColumns } from '@/lib/query/explain-plan'
import { firstRowsNeeded } from '@/lib/query/first-rows-needed'
import { checkReadOnly, parseExplain } from '@/lib/query/read-only'
import { type RewrittenSql, rewriteTables } from '@/lib/query/rewrite-tables'
import { type Statement, splitStatements, statementAt } from '@/lib/query/statements'
import { tokenKeyword } from '@/lib/query/tokenize'
import { resolveTableName } from '@/lib/query/table-name'
import { type TableReference, findTableReferences } from '@/lib/query/table-references'
import type { Decoder } from './decoder'
import { type Engine, isEngineBroken } from './engine'
import type { LoadableFile } from './decode-messages'
import { maxDecodedBytes, minDecodedBytes, sumFooterSizes } from './estimate'
import { createView, type LocalView, resolveRelations } from './resolve-relations'
import type { ReadView } from './read-view'
import { createTableCache, type TableCache, type TableNeed, NOT_LOADED_MESSAGE } from './table-cache'
import { type LoadCost, ZERO_COST, tooLargeError } from './load-columns'
import type { QueryProgress, QueryCost, QueryRequest, QueryResult, TableRead } from './query-types'
import { MAX_ROWS, readRows } from './result-rows'
import type { PlanTable, ScanOptions, TableScan } from './table-scan'
import { createViewCache } from './view-cache'

export type QuerySession = ReturnType<typeof createQuerySession>

/** Decoded size above which the user is asked to confirm, and above which nothing is loaded. */
export const CONFIRM_BYTES = 256 * 1024 * 1024
export const MAX_LOAD_BYTES = 1024 * 1024 * 1024
/** Name of the browser's performance entry for each finished query; its detail has the cost. */
const QUERY_MEASURE = 'lakeshore query'
/** Up to this many footers are read to estimate the cost of a query; of more files, a sample. */
const MAX_FOOTERS_FOR_COST = 48
/** Interval of progress reports: drawing them takes time from the work itself. */
const PROGRESS_INTERVAL_MS = 120
const PLAN_CACHE_MS = 30_000

type PreparedQuery = {
  statement: Statement
  index: number
  statementCount: number
  rewritten: RewrittenSql
  needs: readonly TableNeed[]
  views: readonly LocalView[]
  tablesRead: readonly TableRead[]
  isText: boolean
}

/**
 * SQL over tables of the lake in this browser. A session has one DuckDB with the columns loaded so far. Statements run
 * one after another.
 */
export function createQuerySession({
  startEngine,
  decoder,
  planTable,
  readView,
  maxBytes = MAX_LOAD_BYTES,
}: {
  startEngine: () => Promise<Engine>
  decoder: Decoder
  planTable: PlanTable
  readView: ReadView
  maxBytes?: number
}) {
  let running: { engine: Engine; tables: TableCache } | null = null
  let lastWork: Promise<unknown> = Promise.resolve()
  const viewCache = createViewCache(readView)
  const plans = new Map<string, { scan: TableScan; plannedAt: number }>()

  /** Runs work in turn: DuckDB has one connection, and its plan setting applies to all statements. */
  const runInTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = lastWork.then(work)
    lastWork = result.catch(() => undefined)
    return result
  }

  async function ensureStarted() {
    if (!running?.engine.isRunning) {
      // Both at once: each fetches and compiles megabytes of its own.
      decoder.start()
      const engine = await startEngine()
      running = { engine, tables: createTableCache(engine, decoder, { limitBytes: maxBytes }) }
    }
    return running
  }

  async function getTableScan(
    identifier: TableIdentifier,
    asOf: AsOf,
    { isFresh, ...planOptions }: ScanOptions,
  ): Promise<TableScan> {
    const key = JSON.stringify([identifier.catalog, joinNamespace(identifier.namespace), identifier.table, asOf])
    const cached = plans.get(key)
    if (!isFresh && cached && performance.now() - cached.plannedAt < PLAN_CACHE_MS) return cached.scan
    const scan = await planTable(identifier, asOf, planOptions)
    checkColumnNames(scan.fields)
    plans.set(key, { scan, plannedAt: performance.now() })
    return scan
  }

  async function prepare(request: QueryRequest, options: ScanOptions): Promise<PreparedQuery> {
    const statements = splitStatements(request.sql)
    const statement = statementAt(statements, request.cursor)
    if (!statement) throw new AppError('query-failed', 'There is nothing to run yet. Write a query first.')
    checkReadOnly(statement.tokens)
    const clock = { timeZone: request.timeZone, nowMs: Date.now() }
    const references = findTableReferences(statement.tokens, clock).map((reference) => ({
      ...reference,
      identifier: resolveTableName(reference.parts, reference.nameRange, request),
    }))
    const { engine, tables } = await ensureStarted()
    const relations = await resolveRelations(references, {
      engine,
      tables,
      getTableScan: (identifier, asOf) => getTableScan(identifier, asOf, options),
      viewCache,
      options,
      connections: request.connections,
    }).catch((error: unknown) => {
      // DuckDB checks the SQL of views.
      if (!(error instanceof AppError) && isEngineBroken(error)) engine.end()
      throw error
    })
    const { localNames, scans: byName, views, tablesRead } = relations
    const rewritten = rewriteTables(request.sql, statement, references, localNames)
    const explain = parseExplain(statement.tokens)
    const needed =
      explain?.executes === false
        ? null
        : await planNeededColumns(engine, statement, explain?.tokens ?? statement.tokens, {
            request,
            references,
            localNames,
            byName,
          })
    const firstRows =
      needed?.isFirstRowsOnly && byName.size === 1 && !explain && views.every(isPlainView)
        ? firstRowsNeeded(statement.tokens, request.maxRows + 1)
        : null
    const needs = [...byName].map(([name, scan]): TableNeed => {
      const names = new Set(needed?.byTable.get(name))
      const columns = scan.fields.filter((field) => names.has(field.name))
      const rowsNeeded = firstRows ?? scan.rowCount
      return { scan, columns, rowsNeeded: rowsNeeded < scan.rowCount ? rowsNeeded : null }
    })
    const index = statements.indexOf(statement)
    return {
      statement,
      index,
      statementCount: statements.length,
      rewritten,
      needs,
      views,
      tablesRead,
      isText: explain !== null,
    }
  }

  /** DuckDB's plan of a statement over the empty tables. */
  async function planNeededColumns(
    engine: Engine,
    statement: Statement,
    tokens: Statement['tokens'],
    {
      request,
      references,
      localNames,
      byName,
    }: {
      request: QueryRequest
      references: readonly TableReference[]
      localNames: readonly string[]
      byName: ReadonlyMap<string, TableScan>
    },
  ): Promise<NeededColumns> {
    const start = tokens[0]?.start ?? statement.start
    const { sql, toSource } = rewriteTables(request.sql, { start, end: statement.end, tokens }, references, localNames)
    const prefix = 'EXPLAIN (FORMAT json) '
    await engine.query("SET schema = 'shadow'")
    await engine.query(`SET disabled_optimizers = '${DISABLED_OPTIMIZERS}'`)
    try {
      const plan = await engine.query(prefix + sql)
      const columns = [...byName].map(([name, scan]) => [name, scan.fields.map((field) => field.name)] as const)
      return neededColumns(String(plan.get(0)?.explain_value), new Map(columns))
    } catch (error) {
      throw endEngineIfBroken(
        engine,
        toQueryProblem(error, (byte) => toSource(byte - prefix.length), statement.tokens),
        error,
      )
    } finally {
      if (engine.isRunning) await engine.query("SET disabled_optimizers = ''")
    }
  }

  async function estimateCost(
    { needs, index, statementCount }: PreparedQuery,
    signal: AbortSignal,
  ): Promise<QueryCost> {
    const { tables } = await ensureStarted()
    const cost: QueryCost = {
      statementNumber: index + 1,
      statementCount,
      columns: 0,
      totalColumns: 0,
      readBytes: 0,
      totalBytes: 0,
      decodedBytes: 0,
      files: 0,
      isFirstRowsOnly: false,
      isEstimate: false,
    }
    for (const { scan, columns, rowsNeeded } of needs) {
      cost.columns += columns.length
      cost.totalColumns += scan.fields.length
      cost.totalBytes = cost.totalBytes === null || scan.fileBytes === null ? null : cost.totalBytes + scan.fileBytes
      if (rowsNeeded !== null) cost.isFirstRowsOnly = true
      const loaded = new Set(tables.loadedColumns(scan).map(({ id }) => id))
      const missing = columns.filter(({ id }) => !loaded.has(id))
      if (missing.length === 0) continue
      const sample = await sampleFiles(scan, rowsNeeded, signal)
      const footers = await tables.footers.readAll(scan, sample.files, signal)
      const size = sumFooterSizes(footers, missing)
      const sampledRows = sample.files.reduce((sum, { recordCount }) => sum + recordCount, 0)
      const factor = sampledRows === 0 ? 1 : sample.rowCount / sampledRows
      if (sample.files.length < sample.fileCount) cost.isEstimate = true
      cost.files += sample.fileCount
      cost.readBytes += Math.round(size.storedBytes * factor)
      cost.decodedBytes += Math.round(size.decodedBytes * factor)
    }
    return cost
  }

  async function execute(
    request: QueryRequest,
    { signal, onProgress, confirm, isRetry = false }: RunOptions,
    runStartedAt: number,
  ): Promise<QueryResult> {
    const lastReport = { step: '', atMs: 0 }
    const report = (step: QueryProgress['step'], cost: LoadCost = ZERO_COST, totalBytes = 0) => {
      const nowMs = performance.now()
      if (step === lastReport.step && nowMs - lastReport.atMs < PROGRESS_INTERVAL_MS) return
      Object.assign(lastReport, { step, atMs: nowMs })
      onProgress({ step, readBytes: cost.readBytes, totalBytes, rowCount: cost.rowCount })
    }
    report('starting')
    const { engine, tables } = await ensureStarted()
    const startedAt = performance.now()
    report('planning')
    const footerBytes = tables.footers.readBytes
    const prepared = await prepare(request, { signal, isRetry, isFresh: true })
    let { needs } = prepared
    let size = maxSize(needs)
    let confirmMs = 0
    requireLoadable(needs, tables, maxBytes)
    if (size.decodedBytes > Math.min(CONFIRM_BYTES, maxBytes)) {
      const cost = await estimateCost(prepared, signal)
      if (cost.decodedBytes > maxBytes && !cost.isFirstRowsOnly) throw tooLargeError(maxBytes)
      if (cost.decodedBytes > CONFIRM_BYTES && !cost.isFirstRowsOnly) {
        const askedAt = performance.now()
        if (!(await confirm(cost))) throw cancelledError()
        confirmMs = performance.now() - askedAt
      }
      size = cost
    }
    const plannedAt = performance.now()
    const plannedBytes = tables.footers.readBytes - footerBytes
    for (;;) {
      const { readBytes: totalBytes, decodedBytes } = size
      report('loading', ZERO_COST, totalBytes)
      try {
        const load = await tables.prepareTables(needs, decodedBytes, signal, (done) =>
          report('loading', done, totalBytes),
        )
        for (const view of prepared.views) await createView(engine, 'lake', view)
        const loadedAt = performance.now()
        report('running', load, totalBytes)
        const { rewritten, isText } = prepared
        const rows = await readRows(engine, rewritten.sql, isText ? MAX_ROWS : request.maxRows, signal)
        const endedAt = performance.now()
        const result: QueryResult = {
          ...rows,
          columns: rows.columns.map(({ name, type }) => ({ name: rewritten.toSourceText(name), type })),
          cost: { ...load, readBytes: load.readBytes + plannedBytes },
          isText,
          columnsRead: needs.reduce((sum, { columns }) => sum + columns.length, 0),
          totalColumns: needs.reduce((sum, { scan }) => sum + scan.fields.length, 0),
          sizeMismatches: needs.flatMap(({ scan }) => tables.footers.sizeMismatches(scan)),
          utcColumns: [...new Set(needs.flatMap(({ columns }) => zonedColumns(columns)))],
          tablesRead: prepared.tablesRead,
          viewsRead: prepared.views.map(({ identifier, dialect }) => ({ identifier, dialect })),
          timing: {
            startMs: startedAt - runStartedAt,
            planMs: plannedAt - startedAt - confirmMs,
            confirmMs,
            loadMs: loadedAt - plannedAt,
            runMs: endedAt - loadedAt,
            totalMs: endedAt - runStartedAt,
            fetchMs: load.fetchMs,
            decodeMs: load.decodeMs,
            insertMs: load.insertMs,
          },
        }
        const { timing, cost: loaded } = result
        performance.measure(QUERY_MEASURE, { start: runStartedAt, end: endedAt, detail: { ...timing, ...loaded } })
        return result
      } catch (error) {
        const hasAllColumns = needs.every(
          ({ scan, columns, rowsNeeded }) => columns.length === scan.fields.length && rowsNeeded === null,
        )
        if (!isNotLoaded(error) || hasAllColumns) {
          // A position may be in the SQL of a view, which is not the text as written.
          const toSource = prepared.views.length === 0 ? prepared.rewritten.toSource : null
          const problem = toQueryProblem(error, toSource, prepared.statement.tokens)
          throw signal.aborted ? cancelledError() : endEngineIfBroken(engine, problem, error)
        }
        // The plan needed more columns than it had named: run again with all of them.
        needs = needs.map(({ scan }) => ({ scan, columns: scan.fields, rowsNeeded: null }))
        size = await estimateCost({ ...prepared, needs }, signal)
        if (size.decodedBytes > maxBytes) throw tooLargeError(maxBytes)
      } finally {
        await tables.release(needs)
      }
    }
  }

  return {
    /** Starts DuckDB ahead of the first query. */
    start: () => runInTurn(ensureStarted),

    /** What a run would read; starts DuckDB. @throws {AppError} as {@link run}, for the query itself */
    estimateCost: (request: QueryRequest, signal: AbortSignal): Promise<QueryCost> =>
      runInTurn(async () => {
        signal.throwIfAborted()
        return await estimateCost(await prepare(request, { signal, isRetry: false, isFresh: false }), signal)
      }),

    /**
     * Runs the statement at the cursor.
     *
     * @throws {AppError} query-failed (facts `start`, `end`, `hint`), not-found, not-supported, too-large, cancelled,
     *   file-missing, file-damaged
     */
    run: (request: QueryRequest, options: RunOptions): Promise<QueryResult> => {
      // Waiting for DuckDB to start counts, also when its start began before the run.
      const runStartedAt = performance.now()
      return runInTurn(async () => {
        try {
          return await execute(request, options, runStartedAt)
        } catch (error) {
          if (options.signal.aborted) throw cancelledError()
          // The permission to read the files expired between planning and reading: plan once more.
          if (!(error instanceof AppError) || error.code !== 'token-expired') throw error
          return await execute(request, options, runStartedAt)
        }
      })
    },

    /** Columns of a table or a view, for completion. */
    readFields: async (identifier: TableIdentifier, asOf: AsOf, signal: AbortSignal) => {
      const options = { signal, isRetry: false, isFresh: false }
      const view = viewCache.has(identifier) ? await viewCache.read(identifier, options) : null
      return view?.fields ?? (await getTableScan(identifier, asOf, options)).fields
    },
  }
}

type RunOptions = {
  signal: AbortSignal
  /** The user retries a failed run. */
  isRetry?: boolean
  onProgress: (progress: QueryProgress) => void
  /** Called before more than {@link CONFIRM_BYTES} are loaded. */
  confirm: (cost: QueryCost) => Promise<boolean>
}

/**
 * The largest size that a load may have, before any footer is read. If it is small, a run does not wait for a better
 * estimate. The real size is limited while loading.
 */
function maxSize(needs: readonly TableNeed[]): { readBytes: number; decodedBytes: number } {
  const decodedBytes = needs.reduce(
    (sum, { scan, columns, rowsNeeded }) =>
      sum + maxDecodedBytes(columns, rowsNeeded ?? scan.rowCount, scan.fileBytes ?? Number.POSITIVE_INFINITY),
    0,
  )
  return { readBytes: 0, decodedBytes }
}

/** Refuses what the number of rows alone makes too large, before any file is listed. */
function requireLoadable(needs: readonly TableNeed[], tables: TableCache, limitBytes: number): void {
  for (const { scan, columns, rowsNeeded } of needs) {
    const loadedIds = new Set(tables.loadedColumns(scan).map(({ id }) => id))
    const missing = columns.filter(({ id }) => !loadedIds.has(id))
    if (rowsNeeded === null && minDecodedBytes(missing, scan.rowCount) > limitBytes) throw tooLargeError(limitBytes)
  }
}

/** Whether the first rows of a view are those of its table: it neither selects rows nor cuts them. */
function isPlainView({ statement }: LocalView): boolean {
  const { tokens } = statement
  const cutsRows = tokens.some((token) => ['LIMIT', 'OFFSET'].includes(tokenKeyword(token) ?? ''))
  return !cutsRows && firstRowsNeeded(tokens, MAX_ROWS) !== null
}

function endEngineIfBroken(engine: Engine, problem: AppError, cause: unknown): AppError {
  // WebAssembly's memory cannot be trusted after a trap: the next query starts a new engine.
  if (isEngineBroken(cause)) engine.end()
  return problem
}

function isNotLoaded(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NOT_LOADED_MESSAGE)
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'The query was cancelled.')
}

/** Files for an estimate, and how many files and rows they stand for. */
async function sampleFiles(
  { files, fileCount, rowCount }: TableScan,
  rowsNeeded: number | null,
  signal: AbortSignal,
): Promise<{ files: readonly LoadableFile[]; fileCount: number; rowCount: number }> {
  if (rowsNeeded === null) return { files: await files.at(spreadEvenly(fileCount), signal), fileCount, rowCount }
  const first: LoadableFile[] = []
  let rows = 0
  for await (const file of files.list(signal)) {
    first.push(file)
    rows += file.recordCount
    if (rows >= rowsNeeded) break
  }
  const sampled = spreadEvenly(first.length).flatMap((index) => first[index] ?? [])
  return { files: sampled, fileCount: first.length, rowCount: rows }
}

/** Indexes below `count`: all, or as many as are read for an estimate, spread evenly. */
function spreadEvenly(count: number): number[] {
  const length = Math.min(count, MAX_FOOTERS_FOR_COST)
  return Array.from({ length }, (_, i) => Math.floor((i * count) / length))
}
