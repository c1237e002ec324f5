import 'server-only'
import { closeDatabases } from '@/server/db/open-database'
import { runLakeshore } from './lakeshore'
import { processTerminal } from './terminal'

/** Entry of the command line (bundled as `build/cli.mjs`). */

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: the second time it ends at once, as any program does.
  process.once(signal, () => {
    process.stderr.write('Stopping. Once more to leave without waiting.\n')
    stop.abort()
  })
}

process.exitCode = await runLakeshore(process.argv.slice(2), processTerminal(stop.signal))
await closeDatabases()
