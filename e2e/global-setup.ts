import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { startRealProvider } from '@/testing/oidc/real-provider'
import { freePort } from '@/testing/processes/free-port'
import { makeDemoHome } from './support/demo-home'
import { PROVIDER_ACCOUNTS } from './support/provider-accounts'
import { saveSignedInState, PASSWORD } from './support/personas'

const READY_TIMEOUT_MS = 600_000
const { LAKESHORE_E2E_SCOPE: SCOPE = 'flows' } = process.env
const HOME = path.resolve(`.cache/e2e-${SCOPE}/home`)
const LOG = path.resolve(`.cache/e2e-${SCOPE}/console.log`)

/** Starts the console as a user would, on a new home with the demo lake. The returned function stops it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const port = await freePort()
  process.env.E2E_ADDRESS = `http://127.0.0.1:${port}`
  process.env.E2E_HOME = HOME
  const provider = await startRealProvider(process.env.E2E_ADDRESS)
  for (const [subject, account] of Object.entries(PROVIDER_ACCOUNTS)) provider.accounts.set(subject, account)
  Object.assign(process.env, provider.settings)
  await makeDemoHome(HOME)
  const child = spawn('node', ['scripts/up.ts', '--home', HOME, '--port', String(port)], {
    env: {
      ...process.env,
      LAKESHORE_LOAD_LOCATIONS: `drop=file://${path.join(path.dirname(HOME), 'drop')}`,
      LAKESHORE_ADMIN_PASSWORD: PASSWORD,
      // A connection may open the tables of the demo lake, and those of other engines, from their metadata files.
      LAKESHORE_LOCAL_ROOTS: [path.join(HOME, 'warehouse'), path.resolve('testing/golden/tables')].join(','),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(LOG)
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  await waitUntilReady(`${process.env.E2E_ADDRESS}/readyz`, child)
  for (const persona of ['viewer', 'editor', 'admin'] as const) await saveSignedInState(persona)
  return async () => {
    await stop(child)
    await provider.stop()
  }
}

async function waitUntilReady(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break
    const response = await fetch(address).catch(() => null) // refused while it is still starting
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  child.kill('SIGTERM')
  throw new Error(`The console did not start; see ${LOG}`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}
