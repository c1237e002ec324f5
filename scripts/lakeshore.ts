import { execFileSync, spawn } from 'node:child_process'
import { readBuildState } from './build.ts'

// A build is never overwritten here: a running Lakeshore may have to restart from it, and a newer version would change
// its database.
const buildState = readBuildState()
if (buildState === 'none')
  execFileSync('node', ['scripts/build-server.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
if (buildState === 'other')
  console.error('This runs the last build, but the sources have changed since. Build them with: npm run build')
const args = ['--conditions=react-server', 'build/cli.mjs', ...process.argv.slice(2)]
const child = spawn('node', args, { stdio: 'inherit' })
// Ctrl-C reaches the command itself, which decides how to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
