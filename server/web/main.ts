import 'server-only'
import { createServer } from 'node:http'
import next from 'next'
import { closeDatabases } from '@/server/close-databases'
import { config } from '@/server/config'
import { explainEnd, STOP_SIGNALS, stopWhenLeft } from '@/server/lifecycle'
import { logError, logInfo } from '@/server/log'
import { answerDirectly, loggedAddress } from './direct'
import { settleClientAddress } from './node-exchange'

/**
 * Entry of the web server (bundled as `build/web.mjs`). Pages and our API are Next's, but for what is answered without
 * the way through it (`direct.ts`).
 */

/** For requests that are being answered when the server is told to stop. */
const DRAIN_MS = 10_000
/** Between saying that no more requests are wanted (`/readyz`) and taking none. */
const NOTICE_MS = 300
/** A client that sends its head slower than this is not one. */
const HEADERS_TIMEOUT_MS = 30_000

try {
  await serve()
} catch (error) {
  await end(error)
}

async function serve(): Promise<void> {
  const { host, port, isBehindProxy } = config()
  const app = next({ dev: false, hostname: host, port })
  const pages = app.getRequestHandler()
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: 65_000 }, (request, response) => {
    settleClientAddress(request, { isBehindProxy })
    const answered = answerDirectly(request, response) ?? pages(request, response)
    answered.catch((error: unknown) => {
      logError(error, { doing: 'answering a request', url: loggedAddress(request.url ?? '') })
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
  for (const signal of STOP_SIGNALS) {
    process.once(signal, () => {
      setTimeout(() => {
        server.close(() => void end())
        // Those that are kept open without asking anything would hold the server up.
        setInterval(() => server.closeIdleConnections(), 100).unref()
      }, NOTICE_MS)
      setTimeout(() => void end(), NOTICE_MS + DRAIN_MS).unref()
    })
  }
  stopWhenLeft()
  await app.prepare()
  server.on('error', (error) => void end(error))
  server.listen(port, host, () => logInfo('web server listens', { host, port }))
}

/** Ends the process, with the database closed. */
async function end(error?: unknown): Promise<void> {
  if (error !== undefined) explainEnd(error)
  await closeDatabases()
  process.exit(error === undefined ? 0 : 1)
}
