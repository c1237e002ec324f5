import 'server-only'
import { AppError } from '@/lib/errors'
import type { QueryProgress } from '@/lib/query/engine'
import { parseExplain } from '@/lib/query/statement/read-only'
import { errorRange } from '@/lib/query/statement/sql-error'
import { splitStatements, statementAt } from '@/lib/query/statement/statements'
import type {
  DraftView,
  LakeAccess,
  SqlEngine,
  SqlEvent,
  SqlOptions,
  SqlRun,
  SqlStatement,
  SqlSummary,
} from '../sql-engine'
import type { QueryLimits } from './process/messages'
import { runInProcess } from './process-run'
import { readEntryOf } from './read-entry'
import { startQueryProcess, type StartQueryProcess } from './start-query-process'

/** Limits of every query, from the settings. */
export type DuckdbLimits = Pick<QueryLimits, 'threads' | 'memoryMiB' | 'tempMiB'> & { seconds: number }

const BYTES_PER_MIB = 1024 * 1024

/** Runs each statement in a separate DuckDB process, which reads tables through our own API. */
export function createDuckdbEngine(
  queries: DuckdbLimits,
  startProcess: StartQueryProcess = startQueryProcess,
): SqlEngine {
  const { threads, memoryMiB, tempMiB } = queries
  // The most that a query may load: the space in DuckDB's memory and on its disk.
  const loadMiB = memoryMiB + tempMiB

  const run = (
    request: SqlStatement,
    { signal, access, limits, tableStates, file }: SqlOptions & { file?: string },
    describes: DescribeJob = {},
  ): SqlRun => {
    const { resultBytes, seconds = queries.seconds } = limits
    const stop = new AbortController()
    const events = runInProcess(
      {
        request,
        limits: { threads, memoryMiB, tempMiB, loadMiB, resultBytes },
        ...(tableStates !== undefined && { tableStates }),
        ...describes,
      },
      {
        seconds: Math.min(seconds, queries.seconds),
        startProcess,
        read: reportingRead(access),
        signal: AbortSignal.any([signal, stop.signal]),
        ...(file !== undefined && { saveTo: file }),
      },
    )
    return {
      [Symbol.asyncIterator]: () => events,
      cancel: async () => {
        stop.abort()
        // Waits until the process has ended. The reader of the events receives a failure of the statement.
        await events.return()
      },
    }
  }

  return {
    capabilities: { dialect: 'duckdb', maxSeconds: queries.seconds, maxLoadBytes: loadMiB * BYTES_PER_MIB },
    run,
    save: async (statement, { onProgress, ...options }) => readSummary(run(statement, options), onProgress),
    explain: async (statement, options) => {
      const explained = toExplain(statement)
      try {
        return (await readSummary(run(explained.statement, options))).plan ?? null
      } catch (error) {
        throw explained.toSourceError(error)
      }
    },
    describe: async (statement, { draftView, ...options }) => {
      refuseExplain(statement)
      const describes = { readsNoRows: true, ...(draftView && { draftView }) }
      return (await readSummary(run(statement, options, describes))).columns
    },
  }
}

type DescribeJob = { readsNoRows?: boolean; draftView?: DraftView }

async function readSummary(
  events: AsyncIterable<SqlEvent>,
  onProgress?: (progress: QueryProgress) => void,
): Promise<SqlSummary> {
  for await (const event of events) {
    if (event.kind === 'done') return event.summary
    if (event.kind === 'progress') onProgress?.(event.progress)
  }
  throw new Error('a query ended without its summary')
}

/** The process requests the metadata of each table and view before any of its files. */
function reportingRead({ read, onEntryRead }: LakeAccess): LakeAccess['read'] {
  if (!onEntryRead) return read
  return (request, signal) => {
    const entry = readEntryOf(request.url)
    if (entry) onEntryRead(entry)
    return read(request, signal)
  }
}

const PREFIX = 'EXPLAIN '

/** The text with EXPLAIN before the statement at the cursor, and failures with their range in the original text. */
function toExplain(statement: SqlStatement) {
  const start = refuseExplain(statement)
  const { sql, cursor } = statement
  const toSource = (position: number) => (position > start ? Math.max(start, position - PREFIX.length) : position)
  return {
    statement: {
      ...statement,
      sql: sql.slice(0, start) + PREFIX + sql.slice(start),
      cursor: cursor > start ? cursor + PREFIX.length : cursor,
    },
    toSourceError: (error: unknown): unknown => {
      const range = error instanceof AppError ? errorRange(error) : null
      if (!(error instanceof AppError) || range === null) return error
      const facts = { ...error.facts, start: toSource(range.start), end: toSource(range.end) }
      return new AppError(error.code, error.message, { cause: error, facts })
    },
  }
}

/** @returns where the statement at the cursor begins */
function refuseExplain({ sql, cursor }: SqlStatement): number {
  const found = statementAt(splitStatements(sql), cursor)
  if (found && parseExplain(found.tokens))
    throw new AppError('query-failed', 'EXPLAIN cannot be explained or described. Use the statement itself.')
  return found?.start ?? 0
}
