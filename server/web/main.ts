import 'server-only'
import next from 'next'
import { config } from '@/server/config'
import { logInfo } from '@/server/log'
import { createWebServer } from './web-server'

/** Entry of the web server (bundled as `build/web.mjs`): starts Next, listens, and stops on SIGTERM or Ctrl-C. */

/** For requests that are being answered when the server is told to stop. */
const DRAIN_MS = 10_000
/** Between saying that no more requests are wanted (`/readyz`) and taking none. */
const NOTICE_MS = 300

const { host, port, isBehindProxy } = config()
const app = next({ dev: false, hostname: host, port })
await app.prepare()

const server = createWebServer({ answerPages: app.getRequestHandler(), isBehindProxy })
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
