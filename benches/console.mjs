import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { NODE_ARGS, WEB_ARGS, WORKER_ARGS } from '../scripts/node-args.ts'
import { freePort } from '../testing/processes/free-port.ts'

const PASSWORD = 'bench-lakeshore'

/**
 * Starts a console of the production build on its own home, with the demo lake.
 *
 * @param prepare is called with a function that runs `lakeshore …`, before the console starts
 * @param options.hasWorker whether a worker carries out its runs
 */
export async function startConsole(prepare = () => Promise.resolve(), { hasWorker = false } = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    LAKESHORE_HOME: home,
    LAKESHORE_PORT: String(port),
    LAKESHORE_PUBLIC_URL: address,
    LAKESHORE_ADMIN_PASSWORD: PASSWORD,
    LAKESHORE_LOG_LEVEL: 'error',
  }
  await waitForExit(start([...NODE_ARGS, 'build/cli.mjs', 'init'], env, 'ignore'))
  await waitForExit(start([...NODE_ARGS, 'build/cli.mjs', 'demo'], env, 'inherit'))
  await prepare((...args) => waitForExit(start([...NODE_ARGS, 'build/cli.mjs', ...args], env, 'ignore')))
  const web = start([...WEB_ARGS, 'build/web.mjs'], env, 'ignore')
  const worker = hasWorker ? start([...WORKER_ARGS, 'build/worker.mjs'], env, 'ignore') : null
  await waitUntilReady(address)
  return {
    address,
    home,
    /** The process that serves the pages. */
    pid: web.pid,
    /** Runs `lakeshore …` on its home. @returns the output */
    run: (...args) => readOutput(spawn('node', [...NODE_ARGS, 'build/cli.mjs', ...args], { env })),
    password: PASSWORD,
    async stop() {
      for (const child of [web, worker]) {
        if (child === null) continue
        child.kill('SIGTERM')
        await new Promise((resolve) => child.once('close', resolve))
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function start(args, env, stdout) {
  return spawn('node', args, { env, stdio: ['ignore', stdout, 'inherit'] })
}

async function readOutput(child) {
  let out = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  await waitForExit(child)
  return out
}

function waitForExit(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)),
    )
  })
}

async function waitUntilReady(address) {
  for (let attempts = 0; attempts < 300; attempts += 1) {
    const response = await fetch(`${address}/readyz`).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${address} did not become ready`)
}
