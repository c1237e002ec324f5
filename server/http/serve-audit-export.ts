import 'server-only'
import type { exportAudit } from '@/lib/contract/audit'
import { AppError } from '@/lib/errors'
import { AUDIT_FORMATS } from '@/server/audit/audit-lines'
import { exportLines, recordExport } from '@/server/audit/export-audit'
import { requireWholeTarget } from '@/server/audit/read-audit'
import { requirePermission } from '@/server/auth/actor'
import type { Services } from '@/server/services'
import { clock, type Timer } from '@/server/timing/clock'
import { handleRequest, type RequestContext, type ServedEndpoint } from './handle-request'

/** How long a client may take no bytes. */
const MAX_STALL_MS = 60_000
/** How often the session and the permission are checked while entries are sent. */
const CHECK_INTERVAL_MS = 5_000

/** Serves entries of the audit as a file. A failure after the first entries breaks the connection. */
export function serveAuditExport(services: Services, endpoint: typeof exportAudit): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        requireWholeTarget(input)
        const headers = {
          'content-type': AUDIT_FORMATS[input.format].mediaType,
          'content-disposition': `attachment; filename="audit.${input.format}"`,
          // Compression would buffer entries.
          'cache-control': 'no-store, no-transform',
          vary: 'Cookie',
        }
        if (request.method === 'HEAD') return new Response(null, { headers })
        const release = services.rowStreams.acquire(requestContext.actor.userId)
        try {
          await recordExport(services, input, requestContext)
        } catch (error) {
          release()
          throw error
        }
        return new Response(toBody(services, exportLines(services, input), requestContext, release), { headers })
      }),
  }
}

function toBody(
  { log }: Pick<Services, 'log'>,
  lines: AsyncGenerator<string>,
  { refresh, requestId }: Pick<RequestContext, 'refresh' | 'requestId'>,
  release: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stall: Timer | undefined
  let checkedAtMs = clock.elapsedMs()
  const end = () => {
    stall?.cancel()
    release()
  }
  const check = async () => {
    if (clock.elapsedMs() - checkedAtMs < CHECK_INTERVAL_MS) return
    const actor = await refresh()
    if (!actor) throw new AppError('unauthenticated', 'The session ended while entries were sent.')
    requirePermission(actor, 'audit:read', {})
    checkedAtMs = clock.elapsedMs()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stall?.cancel()
        try {
          for (;;) {
            await check()
            const { value, done } = await lines.next()
            if (done) {
              controller.close()
              return end()
            }
            if (value === '') continue
            controller.enqueue(encoder.encode(value))
            stall = clock.after(MAX_STALL_MS, () => {
              controller.error(new AppError('cancelled', 'The client took no entries for too long.'))
              end()
            })
            return
          }
        } catch (error) {
          end()
          if (!(error instanceof AppError)) log.error(error, { doing: 'exporting the audit', requestId })
          throw error
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
