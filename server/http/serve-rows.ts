import 'server-only'
import { type readTableRows, ROW_MEDIA_TYPES } from '@/lib/contract/table/rows'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { EncodedRows } from '@/lib/scan/output/encode-rows'
import { requirePermission } from '@/server/auth/actor'
import type { Services } from '@/server/services'
import { loadTableOrExplain } from '@/server/table/load-table'
import { openRows } from '@/server/table/rows/open-rows'
import { openRowStream, type RowStream } from '@/server/table/rows/row-stream'
import { clock, type Timer } from '@/server/timing/clock'
import { handleRequest, type RequestContext, type ServedEndpoint } from './handle-request'
import { problemBody } from './problem-response'
import { acceptedType } from './request/accepted-type'
import { StreamedResponse } from './streamed-response'
import { toAppError } from './to-app-error'

type SentFormat = keyof typeof ROW_MEDIA_TYPES

const FORMATS = Object.keys(ROW_MEDIA_TYPES) as SentFormat[]
/** The number of rows that were sent. */
const ROW_COUNT_TRAILER = 'Lakeshore-Row-Count'
/** How long a client may take no bytes. */
const MAX_STALL_MS = 60_000
/** How often the session and the permission are checked while rows are sent. */
const CHECK_INTERVAL_MS = 5_000

type StreamTimes = { maxStallMs: number; checkIntervalMs: number }

/**
 * Serves the rows of a table. The first rows are read before the response begins, so that most failures have a problem
 * as their response. A later one breaks the connection; NDJSON has a last line that says why.
 */
export function serveRows(
  services: Services,
  endpoint: typeof readTableRows,
  times: StreamTimes = { maxStallMs: MAX_STALL_MS, checkIntervalMs: CHECK_INTERVAL_MS },
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        const { actor, signal } = requestContext
        const format = input.format ?? requestedFormat(request)
        const release = services.rowStreams.acquire(actor.userId)
        let stream: RowStream | null = null
        const close = () => {
          signal.removeEventListener('abort', close)
          stream?.close()
          release()
        }
        signal.addEventListener('abort', close)
        try {
          const catalog = await services.catalogs.open(input.catalog, actor)
          const table = await loadTableOrExplain(catalog, input, actor, signal)
          const { job, files, snapshotId } = await openRows(services, table, input, { format, signal })
          const headers = {
            'content-type': format === 'csv' ? `${ROW_MEDIA_TYPES.csv}; charset=utf-8` : ROW_MEDIA_TYPES[format],
            'content-disposition': contentDisposition(table.identifier, snapshotId, format),
            // Compression would buffer rows.
            'cache-control': 'no-store, no-transform',
            vary: 'Accept, Cookie',
            ...(snapshotId !== null && { 'lakeshore-snapshot-id': snapshotId }),
          }
          if (request.method === 'HEAD') {
            close()
            return new Response(null, { headers })
          }
          signal.throwIfAborted()
          stream = openRowStream(services.startRowThread, job, files)
          const first = await stream.next()
          const sentContext = { ...requestContext, identifier: table.identifier, format }
          const sent = new SentRows(services, stream, sentContext, times, close)
          return new StreamedResponse(sent.toBody(first), { ...headers, trailer: ROW_COUNT_TRAILER }, () => ({
            [ROW_COUNT_TRAILER]: String(sent.rowCount),
          }))
        } catch (error) {
          close()
          throw error
        }
      }),
  }
}

function requestedFormat(request: Request): SentFormat {
  const type = acceptedType(request.headers.get('accept'), Object.values(ROW_MEDIA_TYPES))
  const format = FORMATS.find((one) => ROW_MEDIA_TYPES[one] === type)
  if (format) return format
  const known = Object.values(ROW_MEDIA_TYPES).join(', ')
  throw new AppError('not-acceptable', `Rows are not available in any accepted type. The available types are ${known}.`)
}

/** Names outside of ASCII are in `filename*` (RFC 6266 section 4.3). */
function contentDisposition({ namespace, table }: TableIdentifier, snapshotId: string | null, format: string): string {
  const name = `${namespaceLabel(namespace)}.${table}${snapshotId === null ? '' : `-${snapshotId}`}.${format}`
  const plain = name.replaceAll(/[^\w.-]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"${plain === name ? '' : `; filename*=UTF-8''${encoded}`}`
}

type SentContext = Pick<RequestContext, 'refresh' | 'requestId' | 'signal'> & {
  identifier: TableIdentifier
  format: SentFormat
}

/** Rows on their way to a client, a piece whenever it has taken the last one. */
class SentRows {
  rowCount = 0
  readonly #services: Pick<Services, 'log'>
  readonly #stream: RowStream
  readonly #context: SentContext
  readonly #times: StreamTimes
  readonly #close: () => void
  #checkedAtMs = clock.elapsedMs()
  #stall: Timer | undefined

  constructor(
    services: Pick<Services, 'log'>,
    stream: RowStream,
    context: SentContext,
    times: StreamTimes,
    close: () => void,
  ) {
    this.#services = services
    this.#stream = stream
    this.#context = context
    this.#times = times
    this.#close = close
  }

  toBody(first: EncodedRows | null): ReadableStream<Uint8Array> {
    let upcoming = Promise.resolve(first)
    const end = () => {
      this.#stall?.cancel()
      this.#close()
    }
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      this.#stall?.cancel()
      for (;;) {
        const piece = await upcoming
        if (piece === null) {
          controller.close()
          return end()
        }
        // Continues to read while the client takes this piece. A failure is reported when the next piece is due.
        upcoming = this.#next()
        upcoming.catch(() => undefined)
        this.rowCount += piece.rowCount
        if (piece.bytes.length === 0) continue
        controller.enqueue(piece.bytes)
        this.#stall = clock.after(this.#times.maxStallMs, () => {
          controller.error(new AppError('cancelled', 'The client took no rows for too long.'))
          end()
        })
        return
      }
    }
    let failure: unknown = null
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (failure !== null) throw failure
          try {
            await pull(controller)
          } catch (error) {
            end()
            if (this.#context.signal.aborted) throw error
            this.#report(error)
            if (this.#context.format !== 'ndjson') throw error
            // The body fails when the client has taken the line.
            failure = error
            controller.enqueue(this.#problemLine(error))
          }
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }

  async #next(): Promise<EncodedRows | null> {
    if (clock.elapsedMs() - this.#checkedAtMs > this.#times.checkIntervalMs) {
      const actor = await this.#context.refresh()
      if (!actor) throw new AppError('unauthenticated', 'The session ended while rows were sent.')
      requirePermission(actor, 'table:read', this.#context.identifier)
      this.#checkedAtMs = clock.elapsedMs()
    }
    return await this.#stream.next()
  }

  /** A line that no row can be: rows are objects. */
  #problemLine(error: unknown): Uint8Array {
    const problem = problemBody(toAppError(error, undefined), this.#context.requestId)
    return new TextEncoder().encode(`${JSON.stringify([{ problem }])}\n`)
  }

  #report(error: unknown): void {
    const { requestId, identifier } = this.#context
    const { catalog, namespace, table } = identifier
    const facts = { requestId, catalog, namespace: namespaceLabel(namespace), table, sentRows: this.rowCount }
    if (!(error instanceof AppError)) this.#services.log.error(error, { doing: 'sending rows', ...facts })
    else this.#services.log.info('rows ended early', { ...facts, code: error.code, detail: error.message })
  }
}
