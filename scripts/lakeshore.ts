import { execFileSync, spawn } from 'node:child_process'

execFileSync('node', ['scripts/build-server.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
const args = ['--conditions=react-server', '--enable-source-maps', 'build/cli.mjs', ...process.argv.slice(2)]
const child = spawn('node', args, { stdio: 'inherit' })
// Ctrl-C reaches the command itself, which decides how to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
