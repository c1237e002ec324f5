import { AppError } from '@/lib/errors'
import { toQueryError } from '@/lib/query/duckdb/duckdb-error'
import { isUnheldTime } from '@/lib/query/duckdb/held-times'
import { toPlanTree } from '@/lib/query/duckdb/plan-tree'
import { withoutMacros } from '@/lib/query/duckdb/zones/macro-call'
import {
  CONFIRM_BYTES,
  type FilteredFiles,
  type LoadCost,
  MAX_RESULT_BYTES,
  MAX_ROWS,
  type QueryEngine,
  type QueryProgress,
  type QueryRequest,
  type QueryResult,
  type QueryTiming,
  type RunOptions,
  ZERO_COST,
} from '@/lib/query/engine'
import { parseHistoryTable } from '@/lib/facts/history-table-names'
import { addUnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { PlanOperator } from '@/lib/query/query-plan'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import type { Decoder } from '@/lib/query/load/decoder'
import { endEngineIfBroken } from './broken-engine'
import type { Engine } from '@/lib/query/duckdb/engine'
import { type FindFile, scanFile } from '@/lib/query/load/file-scan'
import { MIN_FILTERED_BYTES } from '@/lib/query/load/filtered-need'
import { tooLargeError } from '@/lib/query/load/load-columns'
import { createPlanCache } from './plan-cache'
import { type PreparedQuery, prepareQuery, type QuerySources } from './prepared-query'
import {
  countCachedColumns,
  estimateQueryCost,
  maxSize,
  readsDataFiles,
  requireLoadable,
  tableFileCountOf,
} from './query-cost'
import { type LakeNames, namespaceExists } from './lake-names'
import { toMetadataTable } from './metadata-table-read'
import type { ReadView } from './view-definition'
import { createResultCache, type ResultCache, resultKey } from './result-cache'
import { isForbidden, isNoSuchTable } from './relation-errors'
import { createView } from './local-view'
import { MAX_LOAD_BYTES } from '@/lib/query/load-limits'
import { type PassOn, readRows, saveRows } from './result-rows'
import { profileResult } from './profile-result'
import { runPreview } from './run-preview'
import { readFunctions } from './sql-functions'
import { createTableCache, isNotLoadedError, type TableCache, type TableNeed } from '@/lib/query/load/table-cache'
import type { PlanHistoryTable, PlanMetadataTable, PlanTable, ScanOptions } from '@/lib/query/load/table-scan'
import { createViewCache } from './view-cache'

/** Name of the browser's performance entry for each finished query; its detail has the cost. */
const QUERY_MEASURE = 'lakeshore query'
/** Interval of progress reports: drawing them takes time from the work itself. */
const PROGRESS_INTERVAL_MS = 120

/**
 * SQL over tables of the lake, in a browser or in the process of a query. A session has one DuckDB with the columns loaded so far. Statements run
 * one after another.
 */
export function createQuerySession({
  startEngine,
  decoder,
  planTable,
  planMetadataTable,
  planHistoryTable,
  readView,
  lakeNames,
  findFile,
  results = createResultCache(),
  maxBytes = MAX_LOAD_BYTES,
  minFilteredBytes = MIN_FILTERED_BYTES,
  readsNoRows = false,
  savesRows = false,
  passOn,
}: {
  startEngine: () => Promise<Engine>
  decoder: Decoder
  planTable: PlanTable
  planMetadataTable: PlanMetadataTable
  planHistoryTable: PlanHistoryTable
  readView: ReadView
  lakeNames: LakeNames
  /** Finds files that statements read in place of tables. */
  findFile: FindFile
  results?: ResultCache
  maxBytes?: number
  /** Smaller tables are loaded whole. */
  minFilteredBytes?: number
  /** Only the columns of results are found, and no statement is run. */
  readsNoRows?: boolean
  /** The rows of results are written to the file of the engine, and not returned. */
  savesRows?: boolean
  /** Takes the batches of results, which then have none themselves. */
  passOn?: PassOn
}): QueryEngine {
  let running: { engine: Engine; tables: TableCache } | null = null
  let lastWork: Promise<unknown> = Promise.resolve()
  const viewCache = createViewCache(readView)
  const planCache = createPlanCache(planTable, planMetadataTable, planHistoryTable)

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

  const sources: QuerySources = {
    ensureStarted,
    planCache,
    minFilteredBytes,
    readsNoRows,
    savesRows,
    scanFile: (file, options) => scanFile(file, options, { decoder, find: findFile }),
    viewCache,
    lakeNames,
  }
  const prepare = (request: QueryRequest, options: ScanOptions, minBytes = minFilteredBytes) =>
    prepareQuery(request, options, { ...sources, minFilteredBytes: minBytes })

  /** Whether the filters may leave out what a statement failed at, in a small table that is otherwise loaded whole. */
  async function mightFiltersAvoid(error: AppError, request: QueryRequest, signal: AbortSignal): Promise<boolean> {
    const isUnreadable =
      error.code === 'file-missing' ||
      error.code === 'file-damaged' ||
      (error.code === 'not-supported' && error.facts['file'] !== undefined)
    if (!isUnreadable && !isUnheldTime(error)) return false
    const options = { signal, isRetry: false, isFresh: false }
    const { needs } = await prepare(request, options)
    const narrowed = await prepare(request, options, 0)
    if (!isUnreadable) return narrowed.needs.some(({ scan }, i) => scan.key !== needs[i]?.scan.key)
    return narrowed.needs.some(({ scan }, i) => scan.fileCount < (needs[i]?.scan.fileCount ?? 0))
  }

  async function execute(
    request: QueryRequest,
    { signal, onProgress, confirm, isRetry = false, skipsCache = false, maxResultBytes = MAX_RESULT_BYTES }: RunOptions,
    { runStartedAt, minBytes }: { runStartedAt: number; minBytes?: number },
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
    const prepared = await prepare(request, { signal, isRetry, isFresh: true }, minBytes)
    const { tablesRead, historyTables, readsFiles, absentColumns } = prepared
    const viewsRead = prepared.views.map(({ identifier, dialect }) => ({ identifier, dialect }))
    const cacheKey = resultKey(prepared, request)
    const cached = cacheKey === null || skipsCache ? null : results.find(cacheKey)
    if (cached !== null && cached.result.resultBytes <= maxResultBytes) {
      const startMs = startedAt - runStartedAt
      const timing = cachedTiming(startMs, performance.now() - startedAt)
      return { ...cached.result, cost: ZERO_COST, tablesRead, viewsRead, timing, cachedAtMs: cached.readAtMs }
    }
    let { needs } = prepared
    const cachedColumns = needs.reduce((sum, need) => sum + countCachedColumns(need, tables), 0)
    let size = maxSize(needs)
    let confirmMs = 0
    requireLoadable(needs, tables, maxBytes)
    if (size.decodedBytes > Math.min(CONFIRM_BYTES, maxBytes)) {
      const cost = await estimateQueryCost(prepared, tables, signal)
      if (cost.decodedBytes > maxBytes && !cost.isFirstRowsOnly && !cost.isFiltered) throw tooLargeError(maxBytes)
      if (cost.decodedBytes > CONFIRM_BYTES && !cost.isFirstRowsOnly) {
        const promptedAt = performance.now()
        if (!(await confirm(cost))) throw cancelledError()
        confirmMs = performance.now() - promptedAt
      }
      size = cost
    }
    const plannedAt = performance.now()
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
        const { rewritten, isText, hasZoneOperators } = prepared
        const toName = (name: string) => withoutMacros(rewritten.toSourceText(name))
        const rows = savesRows
          ? await saveRows(engine, rewritten.sql, signal, { hasZoneOperators, toName })
          : await readRows(engine, rewritten.sql, isText ? MAX_ROWS : request.maxRows, signal, {
              hasZoneOperators,
              readsNoRows,
              maxBytes: maxResultBytes,
              ...(passOn && { passOn }),
            })
        const endedAt = performance.now()
        const plan = readPlan(rows, prepared)
        const unreadable = needs.flatMap((need) => tables.unreadableBounds(need) ?? [])
        const result: QueryResult = {
          ...rows,
          ...(plan && { plan }),
          columns: rows.columns.map((column) => ({ ...column, name: toName(column.name) })),
          cost: load,
          filteredFiles: countFilteredFiles(needs),
          isText,
          columnsRead: needs.reduce((sum, { columns }) => sum + columns.length, 0),
          totalColumns: needs.reduce((sum, { scan }) => sum + scan.fields.length, 0),
          cachedColumns,
          sizeMismatches: needs.flatMap(({ scan }) => tables.footers.sizeMismatches(scan)),
          ...(unreadable.length > 0 && { unreadableBounds: unreadable.reduce(addUnreadableBounds) }),
          ...(absentColumns.length > 0 && { absentColumns }),
          tablesRead,
          viewsRead,
          ...(historyTables.length > 0 && { historyTables }),
          ...(readsFiles && { readsFiles }),
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
        if (cacheKey !== null) results.add(cacheKey, result)
        return result
      } catch (error) {
        const hasAllColumns = needs.every(
          ({ scan, columns, rowsNeeded }) => columns.length === scan.fields.length && rowsNeeded === null,
        )
        if (!isNotLoadedError(error) || hasAllColumns) {
          // A position may be in the SQL of a view, or of a copy to a file, which is not the text as written.
          const toSource = prepared.views.length === 0 && !savesRows ? prepared.rewritten.toSource : null
          const problem = toQueryError(error, toSource, prepared.statement.tokens)
          throw signal.aborted ? cancelledError() : endEngineIfBroken(engine, problem, error)
        }
        // The plan needed more columns than it had named: run again with all of them.
        needs = needs.map(({ scan }) => ({ scan, columns: scan.fields, rowsNeeded: null }))
        const cost = await estimateQueryCost({ ...prepared, needs }, tables, signal)
        size = cost
        if (cost.decodedBytes > maxBytes && !cost.isFiltered) throw tooLargeError(maxBytes)
      } finally {
        await tables.release(needs)
      }
    }
  }

  return {
    start: () => runInTurn(ensureStarted),

    estimateCost: (request, signal, costOptions) =>
      runInTurn(async () => {
        signal.throwIfAborted()
        const prepared = await prepare(request, { signal, isRetry: false, isFresh: false })
        const { tables } = await ensureStarted()
        return await estimateQueryCost(prepared, tables, signal, costOptions)
      }),

    run: (request, options) => {
      // Waiting for DuckDB to start counts, also when its start began before the run.
      const runStartedAt = performance.now()
      return runInTurn(async () => {
        try {
          return await execute(request, options, { runStartedAt })
        } catch (error) {
          if (options.signal.aborted) throw cancelledError()
          if (!(error instanceof AppError)) throw error
          // The permission to read the files expired between planning and reading: plan once more.
          if (error.code === 'token-expired') return await execute(request, options, { runStartedAt })
          // A file that cannot be read, or a value, does not fail a query whose filters leave it out.
          if (!(await mightFiltersAvoid(error, request, options.signal))) throw error
          return await execute(request, options, { runStartedAt, minBytes: 0 })
        }
      })
    },

    preview: (request, signal) =>
      runInTurn(async () => {
        signal.throwIfAborted()
        return await runPreview(request, signal, { ...(await ensureStarted()), sources })
      }),

    profileResult: (result, column, signal) =>
      runInTurn(async () => {
        signal.throwIfAborted()
        return await profileResult((await ensureStarted()).engine, result, column, signal)
      }),

    listFunctions: () => runInTurn(async () => readFunctions((await ensureStarted()).engine)),

    readFields: async (identifier, asOf, signal) => {
      const options = { signal, isRetry: false, isFresh: false }
      const metadataTable = toMetadataTable({ identifier })
      if (metadataTable !== null) {
        const isCertain =
          metadataTable.hasDollar ||
          (await namespaceExists(lakeNames, identifier.catalog, identifier.namespace, options)) === false
        if (isCertain) return (await planCache.read(metadataTable.identifier, asOf, options, metadataTable.name)).fields
      }
      const view = viewCache.has(identifier) ? await viewCache.read(identifier, options) : null
      if (view) return view.fields
      const historyTable = parseHistoryTable([...identifier.namespace, identifier.table])
      const { fields } = await planCache.read(identifier, asOf, options).catch(async (error: unknown) => {
        if (historyTable === null || !(isNoSuchTable(error) || isForbidden(error))) throw error
        return await planCache.readHistory(historyTable, options)
      })
      if (historyTable !== null) return fields
      const ownNames = new Set(fields.map(({ name }) => name.toLowerCase()))
      return [...fields, ...METADATA_FIELDS.filter(({ name }) => !ownNames.has(name))]
    },
  }
}

/** The plan in the last column of an EXPLAIN; null for any other result, and if it cannot be drawn. */
function readPlan(
  { batches, columns }: Pick<QueryResult, 'batches' | 'columns'>,
  { plannedTables, rewritten }: PreparedQuery,
): readonly PlanOperator[] | null {
  if (plannedTables === null) return null
  const text = batches[0]?.value(0, columns.length - 1)
  const toSourceText = (detail: string) => withoutMacros(rewritten.toSourceText(detail))
  return typeof text === 'string' ? toPlanTree(text, plannedTables, toSourceText) : null
}

function cachedTiming(startMs: number, planMs: number): QueryTiming {
  const none = { confirmMs: 0, loadMs: 0, runMs: 0, fetchMs: 0, decodeMs: 0, insertMs: 0 }
  return { ...none, startMs, planMs, totalMs: startMs + planMs }
}

function countFilteredFiles(needs: readonly TableNeed[]): FilteredFiles | null {
  if (!needs.some(({ scan }) => scan.filter)) return null
  // The plan of a statement needs no columns, so it counts only the tables that conditions filter.
  const counted = needs.filter(({ scan, columns }) => scan.filter || readsDataFiles({ scan, columns }))
  return {
    files: counted.reduce((sum, { scan }) => sum + scan.fileCount, 0),
    totalFiles: counted.reduce((sum, { scan }) => sum + tableFileCountOf(scan), 0),
  }
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'The query was cancelled.')
}
