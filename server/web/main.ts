import 'server-only'
import { createServer } from 'node:http'
import next from 'next'
import { config } from '@/server/config'
import { handlerAt } from '@/server/iceberg-rest/routes'
import { logError, logInfo } from '@/server/log'
import { send, webRequest } from './node-exchange'

/**
 * Entry of the web server (bundled as `build/web.mjs`). Pages and our API are Next's. The Iceberg REST catalog is
 * answered by the very handlers that `app/iceberg` binds, but without the way through Next, which takes longer than
 * the answer itself (`benches/load-table`).
 */

/** For requests that are being answered when the server is told to stop. */
const DRAIN_MS = 10_000
/** Between saying that no more requests are wanted (`/readyz`) and taking none. */
const NOTICE_MS = 300
/** A client that sends its head slower than this is not one. */
const HEADERS_TIMEOUT_MS = 30_000

const { host, port } = config()
const app = next({ dev: false, hostname: host, port })
const pages = app.getRequestHandler()
await app.prepare()

const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: 65_000 }, (request, response) => {
  const handler = handlerAt(request.method ?? 'GET', request.url ?? '/')
  const answered = handler
    ? handler(webRequest(request, response)).then((answer) => send(answer, request, response))
    : pages(request, response)
  answered.catch((error: unknown) => {
    logError(error, { doing: 'answering a request', url: (request.url ?? '').split('?')[0] ?? '' })
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end()
  })
})
server.listen(port, host, () => logInfo('web server listens', { host, port }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    setTimeout(() => {
      server.close(() => process.exit(0))
      // Those that are kept open without asking anything would hold the server up.
      setInterval(() => server.closeIdleConnections(), 100).unref()
    }, NOTICE_MS)
    setTimeout(() => process.exit(0), NOTICE_MS + DRAIN_MS).unref()
  })
}
