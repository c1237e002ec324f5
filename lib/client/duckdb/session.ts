import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import { queryProblem } from '@/lib/query/duckdb-error'
import { checkColumnNames, zonedColumns } from '@/lib/query/duckdb-type'
import { EXPLAIN_WITHOUT, type NeededColumns, neededColumns } from '@/lib/query/explain-plan'
import { plainLimit } from '@/lib/query/plain-limit'
import { checkReadOnly, explained } from '@/lib/query/read-only'
import { type Rewritten, rewriteTables } from '@/lib/query/rewrite'
import { type Statement, splitStatements, statementAt } from '@/lib/query/statements'
import { tableOfName } from '@/lib/query/table-name'
import { type TableReference, tableReferences } from '@/lib/query/table-references'
import type { Decoder } from './decoder'
import { type Engine, isEngineBroken } from './engine'
import { mostDecodedBytes, sizeOfFooters } from './estimate'
import { createHeldTables, type HeldTables, type Needs, NOT_LOADED } from './held-tables'
import { type LoadCost, NO_LOAD, tooLarge } from './load-columns'
import type { Progress, QueryCost, QueryRequest, QueryResult } from './query'
import { MAX_ROWS, readRows } from './result-rows'
import type { PlanSending, PlanTable, TableScan } from './table-scan'

export type QuerySession = ReturnType<typeof createQuerySession>

/** Decoded size above which a person is asked first, and above which nothing is loaded. */
export const ASK_BYTES = 256 * 1024 * 1024
export const MAX_BYTES = 1024 * 1024 * 1024
/** Name of the browser's performance entry for each answered query; its detail says what it took. */
const QUERY_MEASURE = 'lakeshore query'
/** Of so many files the footers are read to say what a query costs; of more, a sample of them. */
const FOOTERS_FOR_COST = 48
/** Loading tells how far it is this often: drawing it takes time from the work itself. */
const PROGRESS_MS = 120
const PLAN_KEPT_MS = 30_000

type Prepared = {
  statement: Statement
  index: number
  statementCount: number
  rewritten: Rewritten
  needs: readonly Needs[]
  isText: boolean
}

/**
 * SQL over tables of the lake in this browser: one session keeps one DuckDB and what was loaded into it. Statements run
 * one after another.
 */
export function createQuerySession({
  startEngine,
  decoder,
  planTable,
  maxBytes = MAX_BYTES,
}: {
  startEngine: () => Promise<Engine>
  decoder: Decoder
  planTable: PlanTable
  maxBytes?: number
}) {
  let running: { engine: Engine; tables: HeldTables } | null = null
  let before: Promise<unknown> = Promise.resolve()
  const plans = new Map<string, { scan: TableScan; plannedAt: number }>()

  /** One after another: DuckDB has one connection, and its plan setting holds for all of them. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work)
    before = mine.catch(() => undefined)
    return mine
  }

  async function started() {
    if (!running?.engine.isRunning) {
      // Both at once: each fetches and compiles megabytes of its own.
      decoder.start()
      const engine = await startEngine()
      running = { engine, tables: createHeldTables(engine, decoder, { limitBytes: maxBytes }) }
    }
    return running
  }

  async function scanOf(ref: TableRef, asOf: AsOf, { isFresh, ...sending }: Asking): Promise<TableScan> {
    const key = JSON.stringify([ref.catalog, joinNamespace(ref.namespace), ref.table, asOf])
    const known = plans.get(key)
    if (!isFresh && known && performance.now() - known.plannedAt < PLAN_KEPT_MS) return known.scan
    const scan = await planTable(ref, asOf, sending)
    checkColumnNames(scan.fields)
    plans.set(key, { scan, plannedAt: performance.now() })
    return scan
  }

  async function prepare(request: QueryRequest, asking: Asking): Promise<Prepared> {
    const statements = splitStatements(request.sql)
    const statement = statementAt(statements, request.cursor)
    if (!statement) throw new AppError('query-failed', 'There is nothing to run yet. Write a query first.')
    checkReadOnly(statement.tokens)
    const references = tableReferences(statement.tokens)
    const scans: TableScan[] = []
    for (const reference of references) {
      const ref = tableOfName(reference.parts, reference.name, request)
      scans.push(await scanOf(ref, reference.asOf, asking).catch((error: unknown) => atName(error, reference)))
    }
    const { engine, tables } = await started()
    const localNames: string[] = []
    for (const scan of scans) localNames.push(await tables.nameOf(scan))
    const rewritten = rewriteTables(request.sql, statement, references, localNames)
    const byName = new Map(localNames.map((name, i) => [name, scans[i]]))
    const asked = explained(statement.tokens)
    const needed =
      asked?.runs === false
        ? null
        : await planOf(engine, statement, asked?.tokens ?? statement.tokens, {
            request,
            references,
            localNames,
            byName,
          })
    const front =
      needed?.isFrontOnly && byName.size === 1 && !asked ? plainLimit(statement.tokens, request.maxRows + 1) : null
    const needs = [...byName].flatMap(([name, scan]): Needs[] => {
      if (!scan) return []
      const names = new Set(needed?.byTable.get(name))
      const columns = scan.fields.filter((field) => names.has(field.name))
      const rowsNeeded = front ?? scan.rowCount
      return [{ scan, columns, rowsNeeded: rowsNeeded < scan.rowCount ? rowsNeeded : null }]
    })
    const index = statements.indexOf(statement)
    return { statement, index, statementCount: statements.length, rewritten, needs, isText: asked !== null }
  }

  /** DuckDB's plan of a statement over the empty tables. */
  async function planOf(
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
      byName: ReadonlyMap<string, TableScan | undefined>
    },
  ): Promise<NeededColumns> {
    const start = tokens[0]?.start ?? statement.start
    const { sql, toSource } = rewriteTables(request.sql, { start, end: statement.end, tokens }, references, localNames)
    const prefix = 'EXPLAIN (FORMAT json) '
    await engine.query("SET schema = 'shadow'")
    await engine.query(`SET disabled_optimizers = '${EXPLAIN_WITHOUT}'`)
    try {
      const answer = await engine.query(prefix + sql)
      const columns = [...byName].map(([name, scan]) => [name, scan?.fields.map((field) => field.name) ?? []] as const)
      return neededColumns(String(answer.get(0)?.explain_value), new Map(columns))
    } catch (error) {
      throw brokenOr(
        engine,
        queryProblem(error, (byte) => toSource(byte - prefix.length), statement.tokens),
        error,
      )
    } finally {
      if (engine.isRunning) await engine.query("SET disabled_optimizers = ''")
    }
  }

  async function costOf({ needs, index, statementCount }: Prepared, signal: AbortSignal): Promise<QueryCost> {
    const { tables } = await started()
    const cost: QueryCost = {
      statement: index + 1,
      statementCount,
      columns: 0,
      totalColumns: 0,
      readBytes: 0,
      totalBytes: 0,
      decodedBytes: 0,
      files: 0,
      isFrontOnly: false,
      isEstimate: false,
    }
    for (const { scan, columns, rowsNeeded } of needs) {
      cost.columns += columns.length
      cost.totalColumns += scan.fields.length
      cost.totalBytes += scan.fileBytes
      if (rowsNeeded !== null) cost.isFrontOnly = true
      const loaded = new Set(tables.loadedColumns(scan).map(({ id }) => id))
      const missing = columns.filter(({ id }) => !loaded.has(id))
      if (missing.length === 0) continue
      const files = rowsNeeded === null ? scan.files : filesReaching(scan, rowsNeeded)
      const asked = sample(files, FOOTERS_FOR_COST)
      const footers = await tables.footers.all(asked, signal)
      const size = sizeOfFooters(footers, missing)
      const askedRows = asked.reduce((sum, { recordCount }) => sum + recordCount, 0)
      const rows = files.reduce((sum, { recordCount }) => sum + recordCount, 0)
      const factor = askedRows === 0 ? 1 : rows / askedRows
      if (asked.length < files.length) cost.isEstimate = true
      cost.files += files.length
      cost.readBytes += Math.round(size.storedBytes * factor)
      cost.decodedBytes += Math.round(size.decodedBytes * factor)
    }
    return cost
  }

  async function answer(
    request: QueryRequest,
    { signal, onProgress, confirm, isRetry = false }: RunOptions,
  ): Promise<QueryResult> {
    const beganAt = performance.now()
    const told = { step: '', atMs: 0 }
    const report = (step: Progress['step'], cost: LoadCost = NO_LOAD, totalBytes = 0) => {
      const nowMs = performance.now()
      if (step === told.step && nowMs - told.atMs < PROGRESS_MS) return
      Object.assign(told, { step, atMs: nowMs })
      onProgress({ step, readBytes: cost.readBytes, totalBytes, rowCount: cost.rowCount })
    }
    report('starting')
    const { engine, tables } = await started()
    const startedAt = performance.now()
    report('planning')
    const footerBytes = tables.footers.readBytes
    const prepared = await prepare(request, { signal, isRetry, isFresh: true })
    let { needs } = prepared
    let size = roughSize(needs)
    if (size.decodedBytes > Math.min(ASK_BYTES, maxBytes)) {
      const cost = await costOf(prepared, signal)
      if (cost.decodedBytes > maxBytes && !cost.isFrontOnly) throw tooLarge(maxBytes)
      if (cost.decodedBytes > ASK_BYTES && !cost.isFrontOnly && !(await confirm(cost))) throw cancelled()
      size = cost
    }
    const plannedAt = performance.now()
    const plannedBytes = tables.footers.readBytes - footerBytes
    for (;;) {
      const { readBytes: totalBytes, decodedBytes } = size
      report('loading', NO_LOAD, totalBytes)
      try {
        const load = await tables.present(needs, decodedBytes, signal, (done) => report('loading', done, totalBytes))
        const loadedAt = performance.now()
        report('running', load, totalBytes)
        const { rewritten, isText } = prepared
        const rows = await readRows(engine, rewritten.sql, isText ? MAX_ROWS : request.maxRows, signal)
        const endedAt = performance.now()
        const result: QueryResult = {
          ...rows,
          columns: rows.columns.map(({ name, type }) => ({ name: rewritten.asWritten(name), type })),
          cost: { ...load, readBytes: load.readBytes + plannedBytes },
          isText,
          columnsRead: needs.reduce((sum, { columns }) => sum + columns.length, 0),
          totalColumns: needs.reduce((sum, { scan }) => sum + scan.fields.length, 0),
          sizeMismatches: needs.flatMap(({ scan }) => tables.footers.sizeMismatches(scan.files)),
          utcColumns: [...new Set(needs.flatMap(({ columns }) => zonedColumns(columns)))],
          timing: {
            startMs: startedAt - beganAt,
            planMs: plannedAt - startedAt,
            fetchMs: load.fetchMs,
            decodeMs: load.decodeMs,
            insertMs: load.insertMs,
            runMs: endedAt - loadedAt,
            totalMs: endedAt - beganAt,
          },
        }
        const { timing, cost: loaded } = result
        performance.measure(QUERY_MEASURE, { start: beganAt, end: endedAt, detail: { ...timing, ...loaded } })
        return result
      } catch (error) {
        const isAll = needs.every(
          ({ scan, columns, rowsNeeded }) => columns.length === scan.fields.length && rowsNeeded === null,
        )
        if (!isNotLoaded(error) || isAll) {
          const problem = queryProblem(error, prepared.rewritten.toSource, prepared.statement.tokens)
          throw signal.aborted ? cancelled() : brokenOr(engine, problem, error)
        }
        // The plan needed more than it had said: run again with everything.
        needs = needs.map(({ scan }) => ({ scan, columns: scan.fields, rowsNeeded: null }))
        size = await costOf({ ...prepared, needs }, signal)
        if (size.decodedBytes > maxBytes) throw tooLarge(maxBytes)
      } finally {
        await tables.release(needs)
      }
    }
  }

  return {
    /** Starts DuckDB ahead of the first query. */
    start: () => inTurn(started),

    /** What a run would read; starts DuckDB. @throws {AppError} as {@link run}, of the query itself */
    cost: (request: QueryRequest, signal: AbortSignal): Promise<QueryCost> =>
      inTurn(async () => {
        signal.throwIfAborted()
        return await costOf(await prepare(request, { signal, isRetry: false, isFresh: false }), signal)
      }),

    /**
     * Runs the statement at the cursor.
     *
     * @throws {AppError} query-failed (facts `start`, `end`, `hint`), not-found, not-supported, too-large, cancelled,
     *   file-missing, file-damaged
     */
    run: (request: QueryRequest, options: RunOptions): Promise<QueryResult> =>
      inTurn(async () => {
        try {
          return await answer(request, options)
        } catch (error) {
          if (options.signal.aborted) throw cancelled()
          // Leave to read the files ran out between plan and reading: ask for it once more.
          if (!(error instanceof AppError) || error.code !== 'token-expired') throw error
          return await answer(request, options)
        }
      }),

    /** Columns of a table, for completion. */
    fieldsOf: async (ref: TableRef, asOf: AsOf, signal: AbortSignal) =>
      (await scanOf(ref, asOf, { signal, isRetry: false, isFresh: false })).fields,
  }
}

/** `isFresh`: a plan that was made before is not good enough. */
type Asking = PlanSending & { isFresh: boolean }

type RunOptions = {
  signal: AbortSignal
  /** A person tries again what failed. */
  isRetry?: boolean
  onProgress: (progress: Progress) => void
  /** Asked before more than {@link ASK_BYTES} are loaded. */
  confirm: (cost: QueryCost) => Promise<boolean>
}

/**
 * The most that loading can come to, before any footer is read: where that is little, a run does not wait for them to
 * say it better. What is really decoded is bounded while it is loaded.
 */
function roughSize(needs: readonly Needs[]): { readBytes: number; decodedBytes: number } {
  const decodedBytes = needs.reduce(
    (sum, { scan, columns, rowsNeeded }) =>
      sum + mostDecodedBytes(columns, rowsNeeded ?? scan.rowCount, scan.fileBytes),
    0,
  )
  return { readBytes: 0, decodedBytes }
}

function atName(error: unknown, { name }: TableReference): never {
  if (!(error instanceof AppError) || error.code === 'cancelled') throw error
  const { code, message, facts, requestId } = error
  throw new AppError(code, message, {
    cause: error,
    facts: { ...facts, ...name },
    ...(requestId !== null && { requestId }),
  })
}

function brokenOr(engine: Engine, problem: AppError, cause: unknown): AppError {
  // What WebAssembly's memory holds after a trap is not to be trusted: the next query starts a new engine.
  if (isEngineBroken(cause)) engine.end()
  return problem
}

function isNotLoaded(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NOT_LOADED)
}

function cancelled(): AppError {
  return new AppError('cancelled', 'The query was cancelled.')
}

function filesReaching({ files }: TableScan, rowsNeeded: number) {
  let rows = 0
  const end = files.findIndex(({ recordCount }) => {
    rows += recordCount
    return rows >= rowsNeeded
  })
  return end < 0 ? files : files.slice(0, end + 1)
}

/** At most `count` of them, spread evenly. */
function sample<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]).filter(
    (item) => item !== undefined,
  )
}
