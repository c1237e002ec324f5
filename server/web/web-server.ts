import 'server-only'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { MAX_BODY_BYTES } from '@/server/iceberg-rest/request-input'
import type { Program } from '@/server/program/program'
import { BODY_LIMITS, type BodyLimits, bodyTimeoutMs, UPLOAD_BODY_LIMITS, watchBody } from './watch-body'
import { isUploadUrl, serveDirectly, redactedPath } from './serve-directly'
import { setForwardedFor } from './node-http'

export type WebServerOptions = {
  program: Program
  /** Next: serves pages, and our API by routes that are bound to the program. */
  servePages: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  isBehindProxy: boolean
  limits?: Partial<WebLimits>
}

/** How slow a client may be. */
type WebLimits = BodyLimits & { headersTimeoutMs: number }

const WEB_LIMITS: WebLimits = { ...BODY_LIMITS, headersTimeoutMs: 30_000 }
/** The longest interval between checks for heads that take too long. */
const CHECK_INTERVAL_MS = 5_000

/** The web server, not listening yet. Next serves pages and our API, except what `serveDirectly` handles. */
export function createWebServer({ program, servePages, isBehindProxy, limits: givenLimits }: WebServerOptions): Server {
  const limits = { ...WEB_LIMITS, ...givenLimits }
  const uploadLimits = { ...limits, ...UPLOAD_BODY_LIMITS, ...givenLimits }
  const timeouts = {
    headersTimeout: limits.headersTimeoutMs,
    // For the largest body that any door accepts; `watchBody` disconnects slow senders of smaller ones sooner.
    requestTimeout: limits.headersTimeoutMs + bodyTimeoutMs(MAX_BODY_BYTES, limits),
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, limits.headersTimeoutMs / 4),
    keepAliveTimeout: 65_000,
  }
  return createServer({ ...timeouts, shouldUpgradeCallback: refuseUpgrade }, (request, response) => {
    const url = redactedPath(request.url ?? '')
    setForwardedFor(request, { isBehindProxy })
    const bodyLimits = isUploadUrl(url) ? uploadLimits : limits
    watchBody(request, response, { url, limits: bodyLimits, log: program.log })
    const handled =
      serveDirectly(program, request, response) ?? program.writePage(response, () => servePages(request, response))
    handled.catch((error: unknown) => {
      program.log.error(error, { doing: 'answering a request', url })
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
}

/**
 * The server switches to no other protocol, and answers a request that offers one as an ordinary one (RFC 9110 section
 * 7.8). Java's client offers HTTP/2 with each first request. Next listens for such requests and leaves them open.
 */
function refuseUpgrade(): boolean {
  return false
}
