import { type RecordBatch, RecordBatchReader } from 'apache-arrow'
import { QUERY_RUNS_PATH } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { fromBase64 } from '@/lib/iceberg/schema/byte-text'
import {
  MAX_RESULT_BYTES,
  type QueryEngine,
  type QueryProgress,
  type QueryRequest,
  type QueryResult,
  type ResultBatch,
  type RunOptions,
} from '@/lib/query/engine'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { lineError, parseJsonLine, unreadableLineError } from '@/lib/api/json-line'
import { readLines } from '@/lib/api/read-lines'
import { responseError } from '@/lib/api/response-error'
import { toResultBatch } from '@/lib/query/session/result-rows'

const SUBJECT = 'The result from the server'

/**
 * The engine of the server, over HTTP. Estimates and completion come from the browser's engine, which plans with the
 * same tables. The server loads its own columns, so an estimate does not count those that the browser has.
 */
export function createRemoteEngine(browser: QueryEngine): QueryEngine {
  return {
    ...browser,
    // The server starts its process with the query.
    start: async () => undefined,
    estimateCost: (request, signal) => browser.estimateCost(request, signal, { ignoresCache: true }),
    run: runOnServer,
  }
}

/** @throws {AppError} the errors of the engine; too-many-requests; server-unreachable */
async function runOnServer(
  request: QueryRequest,
  { signal, isRetry = false, onProgress, maxResultBytes = MAX_RESULT_BYTES }: RunOptions,
): Promise<QueryResult> {
  const startedAt = performance.now()
  const response = await fetchOrThrow(QUERY_RUNS_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(isRetry && { 'cache-control': 'no-cache' }) },
    // The server looks names up by itself.
    body: JSON.stringify({ ...request, knownViews: undefined, maxResultBytes }),
    signal,
  })
  if (!response.ok || !response.body) throw responseError(response, await response.json().catch(() => undefined))
  let batches: ResultBatch[] = []
  let rowCount = 0
  for await (const text of readLines(response.body, signal)) {
    const line = parseJsonLine(text, SUBJECT) as Line
    if (line.problem !== undefined) throw lineError(line.problem, SUBJECT)
    if (line.progress) onProgress(line.progress)
    if (line.isRestart) {
      batches = []
      rowCount = 0
    }
    if (line.arrow !== undefined && line.rowCount !== undefined && line.rowCount > 0) {
      batches.push(toResultBatch(readBatch(line.arrow), line.rowCount))
      rowCount += line.rowCount
    }
    if (!line.summary) continue
    const { summary } = line
    if (summary.rowCount !== rowCount)
      throw new AppError('internal', `The server sent ${rowCount} rows of a result instead of ${summary.rowCount}.`)
    return { ...summary, batches, timing: withTransfer(summary.timing, performance.now() - startedAt) }
  }
  throw new AppError('server-unreachable', 'The connection to the server ended before all rows had arrived.')
}

/** Starting the engine and sending the rows takes time, too. */
function withTransfer(timing: QueryResult['timing'], totalMs: number): QueryResult['timing'] {
  const otherMs = Math.max(0, totalMs - timing.totalMs)
  return { ...timing, startMs: timing.startMs + otherMs, totalMs: timing.totalMs + otherMs }
}

type Line = {
  problem?: unknown
  progress?: QueryProgress
  isRestart?: boolean
  rowCount?: number
  arrow?: string
  summary?: Omit<QueryResult, 'batches'>
}

function readBatch(arrow: string): RecordBatch {
  const [batch] = RecordBatchReader.from(fromBase64(arrow))
  if (!batch) throw unreadableLineError(SUBJECT)
  return batch
}
