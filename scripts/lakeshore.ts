import { execFileSync, spawn } from 'node:child_process'
import { readBuildState } from './build.ts'

// What was built is never built over: a running Lakeshore may have to start again from it, and a newer version would
// change its database.
const buildState = readBuildState()
if (buildState === 'none')
  execFileSync('node', ['scripts/build-server.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
if (buildState === 'other')
  console.error('This is the version that was built last; the sources here are others. Build them with: npm run build')
const args = ['--conditions=react-server', '--enable-source-maps', 'build/cli.mjs', ...process.argv.slice(2)]
const child = spawn('node', args, { stdio: 'inherit' })
// Ctrl-C reaches the command itself, which decides how to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
