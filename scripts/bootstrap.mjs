#!/usr/bin/env node
// The entry point of every command in package.json. It finds or fetches the Node that the project runs on, installs
// missing packages, and then runs the command. It must stay plain JavaScript that Node 18 can read.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_VERSION = '24.21.0'
const NODE_MAJOR = 24
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const FETCHED_NODE = path.join(ROOT, '.node', 'node_modules', '.bin')
const LOCK_STAMP = path.join(ROOT, 'node_modules', '.lakeshore-lock')

const [verb = '', ...rest] = process.argv.slice(2)
const target = path.join(ROOT, 'scripts', `${verb}.ts`)
if (!existsSync(target)) fail(`There is no command "${verb}".`)
process.chdir(ROOT)

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) ensureNode()
ensureModules()

// Lakeshore sends no telemetry, so Next does not either.
process.env.NEXT_TELEMETRY_DISABLED = '1'
// A server command sees the channel close when this process dies, even by SIGKILL, and ends too.
const child = spawn('node', [target, ...rest], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: process.env })
// The terminal sends Ctrl-C to the whole process group. The command decides when to end; this process only waits for
// it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
// npm does not pass its signal on to its shell when it is ended. This process is then orphaned.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM')
}, 1000).unref()
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))

/** Puts Node 24 first on PATH, and fetches it into an ignored folder if it is missing. */
function ensureNode() {
  if (!existsSync(path.join(FETCHED_NODE, 'node'))) {
    printMessage(
      `Node ${process.versions.node} is older than ${NODE_MAJOR}: fetching Node ${NODE_VERSION} into .node (about 190 MB) …`,
    )
    mkdirSync(path.dirname(path.dirname(FETCHED_NODE)), { recursive: true })
    run('npm', ['install', '--prefix', '.node', '--no-save', '--no-audit', '--no-fund', `node@${NODE_VERSION}`])
  }
  process.env.PATH = `${FETCHED_NODE}${path.delimiter}${process.env.PATH}`
}

/** Runs `npm ci` if the lock file has changed since the last installation. */
function ensureModules() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(LOCK_STAMP) && readFileSync(LOCK_STAMP, 'utf8') === lock) return
  printMessage('Installing packages (npm ci) …')
  run('npm', ['ci', '--no-audit', '--no-fund'])
  writeFileSync(LOCK_STAMP, lock)
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) fail(`${command} could not be started: ${error.message}`)
  if (status !== 0) fail(`${command} ${args.join(' ')} ended with code ${status}.`)
}

function printMessage(text) {
  process.stdout.write(`${text}\n`)
}

function fail(text) {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
