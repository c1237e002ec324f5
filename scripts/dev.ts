import { execFileSync } from 'node:child_process'
import { runConsole } from './run-console.ts'

for (const script of ['scripts/assets/copy-wasm.mjs', 'scripts/build-server.mjs'])
  execFileSync('node', [script], { stdio: 'inherit' })
process.exit(await runConsole({ mode: 'development', args: process.argv.slice(2) }))
