import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import next from 'next'
import { readConfig } from '@/server/config/config'
import { reportFatalError, STOP_SIGNALS, stopWhenOrphaned } from '@/server/startup/lifecycle'
import { toListenError } from '@/server/startup/listen-error'
import { createProgram } from '@/server/program/create-program'
import type { Program } from '@/server/program/program'
import { setProgram } from '@/server/program/slot'
import { clock } from '@/server/timing/clock'
import { type StaticFolder, StaticFiles } from './static-files'
import { createWebServer } from './web-server'

/** Entry of the web server (bundled as `build/web.mjs`): starts Next, listens, and stops on SIGTERM or Ctrl-C. */

/** How long open requests may take to finish after the server was asked to stop. */
const DRAIN_MS = 10_000
/** Time between reporting "stopping" (`/readyz`) and refusing connections. */
const NOTICE_MS = 300

/** The files of the build, and the engine that it copies. */
const STATIC_FOLDERS: readonly StaticFolder[] = [
  { prefix: '/_next/static/', folder: '.next/static', isImmutable: true },
  { prefix: '/duckdb/', folder: 'public/duckdb', isImmutable: false },
]

let program: Program | null = null

try {
  program = createProgram(readConfig())
  await serve(program)
} catch (error) {
  await exit(error)
}

async function serve(program: Program): Promise<void> {
  const { host, port, webProcesses, isBehindProxy } = program.config
  setProgram(program)
  const app = next({ dev: false, hostname: host, port })
  const serveNext = app.getRequestHandler()
  const staticFiles = new StaticFiles(STATIC_FOLDERS)
  const servePages = async (request: IncomingMessage, response: ServerResponse) => {
    if (!(await staticFiles.serve(request, response))) await serveNext(request, response)
  }
  const server = createWebServer({ program, servePages, isBehindProxy })
  for (const signal of STOP_SIGNALS) {
    process.once(signal, () => {
      clock.after(NOTICE_MS, () => {
        server.close(() => void exit())
        // Idle keep-alive connections would delay the end of the server.
        clock.every(100, () => server.closeIdleConnections()).unref()
      })
      clock.after(NOTICE_MS + DRAIN_MS, () => void exit()).unref()
    })
  }
  stopWhenOrphaned(program.log)
  if (!(await program.start())) return exit()
  await app.prepare()
  server.on(
    'error',
    (error) => void exit(server.listening ? error : toListenError(error, { host, port, webProcesses })),
  )
  // The operating system gives each connection to one of the processes that listen.
  const options = { host, port, reusePort: webProcesses > 1 }
  server.listen(options, () => program.log.info('web server listens', { host, port, webProcesses }))
}

/** Ends the process, with the database closed. */
async function exit(error?: unknown): Promise<void> {
  if (error !== undefined) reportFatalError(error, program?.log)
  await program?.close()
  process.exit(error === undefined ? 0 : 1)
}
