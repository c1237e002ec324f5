import 'server-only'
import { DataType, tableFromIPC } from 'apache-arrow'
import { readArrowText } from '@/lib/query/arrow-text'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { MAX_CHECKS, type TableCheck, tableChecks } from '@/lib/iceberg/properties/table-checks'
import { checkStatement, UnreadTable } from '@/lib/query/checks/check-statement'
import { quoteString } from '@/lib/sql/quote-identifier'
import type { Actor } from '@/server/auth/actor'
import { runActor } from '@/server/jobs/run-actor'
import type { Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { LakeAccess, LakeRequest, SqlEngine } from '@/server/engines/sql-engine'
import type { TableServices } from '@/server/table/table-services'
import { clock } from '@/server/timing/clock'
import { snapshotById } from '../commit/snapshot-files'
import { type CheckOutcome, checkSpec, digestOf } from './queued-checks'

/** Rows that are read to count violations. */
const MAX_READ_ROWS = 1_000
/** Rows that are stored of them, and how much of their text. */
const MAX_STORED_ROWS = 20
const MAX_STORED_CHARS = 16_384
const MAX_VALUE_CHARS = 200
const MAX_STORED_COLUMNS = 50
const MAX_RESULT_BYTES = 64 * 1024 * 1024
const MAX_MESSAGE_CHARS = 1_000

/** Failures of the infrastructure: the run is retried, so that a check does not count as broken. */
const TRANSIENT_CODES = [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable', 'storage-unavailable'] as const

type CheckServices = Pick<TableServices, 'catalogs' | 'database' | 'sqlEngine'>
/** Reads for a statement as a user: see {@link LakeAccess}. */
type ReadFetch = (actor: Actor, request: LakeRequest, signal: AbortSignal) => Promise<Response>

/** Checks read and change nothing, so there is nothing to clean up. */
export function checkRuns(services: CheckServices, readFetch: ReadFetch): RunKind<'check-table'> {
  return {
    // One query process at a time, in addition to those of the web server.
    maxConcurrent: 1,
    retryOn: TRANSIENT_CODES,
    work: (run, context) => runChecks(services, readFetch, run, context),
    settle: async () => null,
    tidy: async () => {},
  }
}

async function runChecks(
  services: CheckServices,
  readFetch: ReadFetch,
  run: Run,
  context: RunContext<'check-table'>,
): Promise<JsonObject> {
  const { signal } = context
  const { table: identifier } = run
  const { sqlEngine } = services
  if (identifier === null) throw new AppError('invalid-request', 'A run of checks must name a table.')
  if (sqlEngine === null)
    throw new AppError(
      'not-supported',
      'This server runs no queries, so it cannot run checks. An operator can allow queries.',
    )
  const actor = await runActor(services.database, run, [{ permission: 'table:write', resource: identifier }])
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const { metadata, requireReadable } = await catalog.loadTable(identifier, { signal })
  requireReadable?.()
  const { snapshotId } = checkSpec.parse(run.spec)
  snapshotById(metadata, snapshotId)
  const checks = tableChecks(metadata.properties)
  if (checks.length > MAX_CHECKS)
    throw new AppError(
      'too-large',
      `The table has ${checks.length} checks, but a run carries out at most ${MAX_CHECKS}.`,
    )
  const connections = (await services.catalogs.listSummaries(actor)).map(({ name }) => name)
  const results: CheckOutcome[] = []
  for (const [i, check] of checks.entries()) {
    context.report({
      phase: 'checking',
      done: i,
      total: checks.length,
      unit: 'checks',
      counters: { checksPassed: results.filter(({ state }) => state === 'passed').length },
    })
    const result = await runCheck(sqlEngine, check, {
      table: identifier,
      snapshotId,
      connections,
      signal,
      read: (request, readSignal) => readFetch(actor, request, readSignal),
    })
    context.log(`${check.name}: ${STATE_WORDS[result.state]}.`, result.state === 'passed' ? 'info' : 'warning')
    results.push(result)
  }
  const passedCount = results.filter(({ state }) => state === 'passed').length
  if (passedCount < results.length)
    context.log(
      'Snapshots shows the rows, and why a check could not run, to users who may read everything that it reads.',
    )
  return { snapshotId, passedCount, checkCount: results.length, results }
}

/**
 * For the log, which every reader of the table may read: it leaves out row counts and messages of the engine, which
 * contain values.
 */
const STATE_WORDS: Readonly<Record<CheckOutcome['state'], string>> = {
  passed: 'passed',
  failed: 'failed',
  'not-run': 'could not run',
}

type CheckOptions = {
  table: TableIdentifier
  snapshotId: string
  connections: readonly string[]
  signal: AbortSignal
  read: LakeAccess['read']
  /** Only less than the limit of the engine has an effect. */
  maxSeconds?: number
}

/**
 * Runs a check on a snapshot, as the user behind `read`.
 *
 * @throws {AppError} when it was cancelled, or a transient failure prevented the check
 */
export async function runCheck(sqlEngine: SqlEngine, check: TableCheck, options: CheckOptions): Promise<CheckOutcome> {
  const startedAtMs = clock.elapsedMs()
  const { table, signal } = options
  let named: readonly TableIdentifier[] = [table]
  const readEntries: TableIdentifier[] = []
  const toOutcome = (
    found: Pick<CheckOutcome, 'state'> &
      Partial<Pick<CheckOutcome, 'rowCount' | 'isTruncated' | 'columns' | 'rows' | 'message'>>,
  ): CheckOutcome => ({
    name: check.name,
    digest: digestOf(check.sql),
    rowCount: null,
    isTruncated: false,
    columns: [],
    rows: [],
    message: null,
    tables: [...named, ...readEntries].map(({ catalog, namespace, table: name }) => ({
      catalog,
      namespace: [...namespace],
      table: name,
    })),
    durationMs: Math.round(clock.elapsedMs() - startedAtMs),
    ...found,
  })
  try {
    const statement = await readStatement(sqlEngine, check.sql, options)
    named = statement.tables
    const found = await readViolations(sqlEngine, statement.sql, {
      ...options,
      onEntryRead: (entry) => {
        if (!readEntries.some((known) => isSameTable(known, entry))) readEntries.push(entry)
      },
    })
    named = [...named, ...found.tables]
    return toOutcome({ state: found.rowCount === 0 ? 'passed' : 'failed', ...found.violations })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AppError) || (TRANSIENT_CODES as readonly string[]).includes(error.code)) throw error
    return toOutcome({ state: 'not-run', message: error.message.slice(0, MAX_MESSAGE_CHARS) })
  }
}

/**
 * The statement of a check. A name that cannot be found in broken SQL says nothing, so the engine's parser comes first.
 *
 * @throws {AppError} query-failed, as `checkStatement` throws it, or with the message of the parser
 */
async function readStatement(sqlEngine: SqlEngine, sql: string, options: CheckOptions) {
  try {
    return checkStatement(sql, options)
  } catch (error) {
    if (!(error instanceof UnreadTable)) throw error
    const parsed = `SELECT parsed ->> 'error_message' AS message FROM (SELECT json_serialize_sql(${quoteString(sql)}) AS parsed) WHERE parsed ->> 'error_type' = 'parser'`
    const { violations } = await readViolations(sqlEngine, parsed, options)
    const message = violations.rows[0]?.[0] ?? null
    throw message === null ? error : new AppError('query-failed', `Parser error: ${message}`, { cause: error })
  }
}

async function readViolations(sqlEngine: SqlEngine, sql: string, options: CheckOptions & LakeAccess) {
  const { table, connections, signal, read, maxSeconds, onEntryRead } = options
  const limits = { resultBytes: MAX_RESULT_BYTES, ...(maxSeconds !== undefined && { seconds: maxSeconds }) }
  const access = { read, ...(onEntryRead && { onEntryRead }) }
  const request = {
    sql,
    cursor: 0,
    connection: table.catalog,
    connections,
    maxRows: MAX_READ_ROWS,
    timeZone: 'UTC',
  }
  let rows = new StoredRows()
  for await (const event of sqlEngine.run(request, { access, limits, signal })) {
    if (event.kind === 'restart') rows = new StoredRows()
    else if (event.kind === 'rows') rows.add(event.arrow, event.rowCount)
    else if (event.kind === 'done') {
      const { rowCount, isTruncated, columns, tablesRead, viewsRead } = event.summary
      const names = columns.slice(0, MAX_STORED_COLUMNS).map(({ name }) => name.slice(0, MAX_VALUE_CHARS))
      return {
        rowCount,
        tables: [...tablesRead, ...viewsRead].map(({ identifier }) => identifier),
        violations: { rowCount, isTruncated, columns: rowCount === 0 ? [] : names, rows: rows.rows },
      }
    }
  }
  throw new Error('a query ended without its summary')
}

/** The first rows of a result, as far as they fit. */
class StoredRows {
  readonly rows: (string | null)[][] = []
  #chars = 0

  /** @param arrow an IPC stream whose first `rowCount` rows count */
  add(arrow: Uint8Array, rowCount: number): void {
    if (this.rows.length >= MAX_STORED_ROWS) return
    let remaining = rowCount
    for (const { data, numRows } of tableFromIPC(arrow).batches) {
      const columns = data.children.slice(0, MAX_STORED_COLUMNS)
      for (let row = 0; row < Math.min(remaining, numRows) && this.rows.length < MAX_STORED_ROWS; row += 1) {
        const values = columns.map((column) => {
          if (!column.getValid(row)) return null
          if (!DataType.isUtf8(column.type)) throw new TypeError('the statement of a check returns text')
          return readArrowText(column, row).slice(0, MAX_VALUE_CHARS)
        })
        this.#chars += values.reduce((sum, value) => sum + (value?.length ?? 0), 0)
        if (this.#chars > MAX_STORED_CHARS) return
        this.rows.push(values)
      }
      remaining -= numRows
    }
  }
}
