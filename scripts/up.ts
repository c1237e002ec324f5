import { buildIfStale } from './build.ts'
import { runConsole } from './run-console.ts'

await buildIfStale()
process.exit(await runConsole({ mode: 'production', args: process.argv.slice(2) }))
