import 'server-only'
import type { z } from 'zod'
import type { queryRunLine, runQueryOnServer } from '@/lib/contract/query-runs'
import { AppError } from '@/lib/errors'
import { MAX_RESULT_BYTES, type QueryRequest } from '@/lib/query/engine'
import type { SqlEvent, SqlRun } from '@/server/engines/sql-engine'
import type { Services } from '@/server/services'
import { clock, type Timer } from '@/server/timing/clock'
import type { ApiFetch } from './api-fetch'
import { handleRequest, type RequestContext, type ServedEndpoint } from './handle-request'
import { problemResponse } from './problem-response'

type Line = z.input<typeof queryRunLine>

export type QueryStreamTimes = {
  /** How long a client may take no bytes. */
  maxStallMs: number
  /** How often the server sends something, so that no proxy considers the connection dead. */
  heartbeatMs: number
  /** How often the session is checked. */
  checkIntervalMs: number
}

const TIMES: QueryStreamTimes = { maxStallMs: 60_000, heartbeatMs: 15_000, checkIntervalMs: 5_000 }

/** Serves a query of the server's engine, which is cancelled when the client leaves. */
export function serveQuery(
  services: Services,
  endpoint: typeof runQueryOnServer,
  apiFetch: ApiFetch,
  times: QueryStreamTimes = TIMES,
): ServedEndpoint {
  const { log, queryRuns, sqlEngine } = services
  const name = `${endpoint.method} ${endpoint.path}`
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        const { requestId, session } = requestContext
        if (sqlEngine === null)
          throw new AppError('not-supported', 'This server runs no queries. Run the query in the browser.')
        const release = await queryRuns.acquireSoon(session.userId, requestContext.signal)
        const signal = AbortSignal.any([requestContext.signal, services.stopping])
        const maxResultBytes = Math.min(input.maxResultBytes ?? MAX_RESULT_BYTES, MAX_RESULT_BYTES)
        const run = sqlEngine.run(toQueryRequest(input), {
          access: { read: (read, readSignal) => apiFetch(request, read, readSignal) },
          limits: { resultBytes: maxResultBytes },
          signal,
        })
        const body = streamEvents(run, {
          times,
          refresh: requestContext.refresh,
          toProblem: async (error) =>
            await problemResponse(log, error, { requestId, endpoint: name, userId: session.userId, signal }).json(),
          close: release,
        })
        return new Response(body, {
          headers: {
            'content-type': 'application/x-ndjson; charset=utf-8',
            // Compression, or a proxy, would buffer lines.
            'cache-control': 'no-store, no-transform',
            'x-accel-buffering': 'no',
          },
        })
      }),
  }
}

function toQueryRequest(output: z.output<typeof runQueryOnServer.input>): QueryRequest {
  const { maxResultBytes: _, ...request } = output
  return request
}

type StreamOptions = Pick<RequestContext, 'refresh'> & {
  times: QueryStreamTimes
  /** Logs a failure and describes it. */
  toProblem: (error: unknown) => Promise<Record<string, unknown>>
  /** Called once, when the query has ended. */
  close: () => void
}

/** Events as lines, one whenever the client has taken the last one. */
function streamEvents(run: SqlRun, { times, refresh, toProblem, close }: StreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const events = run[Symbol.asyncIterator]()
  let upcoming: Promise<IteratorResult<SqlEvent, void>> | null = null
  let lastProgress: Line = { progress: { step: 'starting', readBytes: 0, totalBytes: 0, rowCount: 0 } }
  let stall: Timer | undefined
  let checkedAtMs = clock.elapsedMs()
  let isClosed = false
  let hasLeft = false

  const end = async () => {
    stall?.cancel()
    if (isClosed) return
    isClosed = true
    await run.cancel()
    close()
  }

  async function nextLine(): Promise<Line | null> {
    if (clock.elapsedMs() - checkedAtMs > times.checkIntervalMs) {
      if (!(await refresh())) throw new AppError('unauthenticated', 'The session ended while the query ran.')
      checkedAtMs = clock.elapsedMs()
    }
    upcoming ??= events.next()
    const heartbeat = Promise.withResolvers<null>()
    const timer = clock.after(times.heartbeatMs, () => heartbeat.resolve(null))
    const next = await Promise.race([upcoming, heartbeat.promise]).finally(() => timer.cancel())
    if (next === null) return lastProgress
    upcoming = null
    if (next.done) return null
    const line = toLine(next.value)
    if (next.value.kind === 'progress') lastProgress = line
    // The client may run its next query as soon as it has the last line.
    if (next.value.kind === 'done') await end()
    return line
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stall?.cancel()
        const write = (line: Line) => controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
        try {
          const line = await nextLine()
          if (line === null) {
            await end()
            return controller.close()
          }
          write(line)
          if (isClosed) return controller.close()
          stall = clock.after(times.maxStallMs, () => {
            controller.error(new AppError('cancelled', 'The client took no rows for too long.'))
            void end()
          })
        } catch (error) {
          const problem = await toProblem(error)
          await end()
          if (hasLeft) return
          controller.enqueue(encoder.encode(`${JSON.stringify({ problem })}\n`))
          controller.close()
        }
      },
      cancel: async () => {
        hasLeft = true
        await end()
      },
    },
    { highWaterMark: 0 },
  )
}

function toLine(event: SqlEvent): Line {
  switch (event.kind) {
    case 'progress':
      return { progress: event.progress }
    case 'restart':
      return { isRestart: true }
    case 'rows': {
      const { rowCount, arrow } = event
      const { buffer, byteOffset, byteLength } = arrow
      return { rowCount, arrow: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
    }
    case 'done':
      return { summary: event.summary }
  }
}
