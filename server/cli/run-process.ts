import 'server-only'
import { readConfig } from '@/server/config/config'
import { createServices } from '@/server/program/create-services'
import type { Services } from '@/server/services'
import { runLakeshore } from './lakeshore'
import { createProcessTerminal } from './terminal/terminal'

/** The process of one command. */

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second signal ends the process immediately, as with any program.
  process.once(signal, () => {
    process.stderr.write('Stopping. Press Ctrl-C again to exit without waiting.\n')
    stop.abort()
  })
}

const opened: { services?: Services } = {}
const openServices = () => (opened.services ??= createServices(readConfig(), { stopping: stop.signal }))
process.exitCode = await runLakeshore(process.argv.slice(2), createProcessTerminal(stop.signal), openServices)
await opened.services?.database.close()
