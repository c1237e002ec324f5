import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { AzureAccess } from '@/server/storage/storage-access'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort, startServer } from '../processes/server-process.ts'

/** Microsoft's own stand-in for Azure Storage. 3.37.0 asks for a package that npm does not have. */
const VERSION = '3.36.0'
const FOLDER = path.resolve(`.cache/azurite-${VERSION}`)
const PROGRAM = path.join(FOLDER, 'node_modules/azurite/dist/src/blob/main.js')
const INSTALL_TIMEOUT_MS = 600_000
const READY_TIMEOUT_MS = 300_000

export type Azurite = {
  /** Of the account. */
  endpoint: string
  account: string
  accountKey: string
  /** There from the start, and empty. */
  container: string
  /** A shared access signature for all of the account, for a day. */
  sas: string
  /** To all of the container, with the account's key. */
  access: AzureAccess
  stop: () => Promise<void>
}

/** Installs it with npm where it is not yet. @throws where it cannot be had */
export async function installAzurite(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM
  const draft = `${FOLDER}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const args = ['install', '--prefix', draft, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  try {
    await runToEnd('npm', [...args, `azurite@${VERSION}`], { timeoutMs: INSTALL_TIMEOUT_MS })
    // Another test file may have been faster; its program serves as well.
    if (!existsSync(FOLDER)) renameSync(draft, FOLDER)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return PROGRAM
}

/**
 * Azurite on a free port of this machine, over memory alone.
 *
 * @param tls files of a certificate this process trusts and its key; with them it takes tokens of Entra too, by what
 *   they say: it knows no signatures of Entra's
 * @throws where it cannot be had
 */
export async function startAzurite(tls: { cert: string; key: string } | null = null): Promise<Azurite> {
  const container = 'lake'
  const program = await installAzurite()
  const [account, accountKey] = ['lakeshore', randomBytes(64).toString('base64')]
  const port = await freePort()
  const endpoint = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/${account}`
  const listenArgs = ['--blobHost', '127.0.0.1', '--blobPort', String(port)]
  const tlsArgs = tls ? ['--cert', tls.cert, '--key', tls.key, '--oauth', 'basic'] : []
  const sas = createAccountSas(account, accountKey)
  const server = await startServer({
    name: 'azurite',
    command: 'node',
    // Azure's client for Python asks for a version of the protocol that this one does not list.
    args: [
      program,
      ...listenArgs,
      ...tlsArgs,
      '--inMemoryPersistence',
      '--disableTelemetry',
      '--silent',
      '--skipApiVersionCheck',
    ],
    env: { AZURITE_ACCOUNTS: `${account}:${accountKey}` },
    readyUrl: `${endpoint}?comp=list&${sas}`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  const created = await fetch(`${endpoint}/${container}?restype=container&${sas}`, { method: 'PUT' })
  if (!created.ok) {
    await server.stop()
    throw new Error(`Azurite made no container: ${created.status} ${await created.text()}`)
  }
  const access: AzureAccess = {
    kind: 'azure',
    roots: [`abfss://${container}@${account}.dfs.core.windows.net`],
    endpoint,
    credentials: { kind: 'account-key', accountKey },
  }
  return { endpoint, account, accountKey, container, sas, access, stop: server.stop }
}

/** Azure Storage REST, *Create an account SAS*. */
function createAccountSas(account: string, accountKey: string): string {
  const fields = {
    sp: 'rwdlac',
    ss: 'b',
    srt: 'sco',
    st: '',
    se: `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}Z`,
    sip: '',
    spr: '',
    sv: '2023-11-03',
    ses: '',
  }
  const text = [account, ...Object.values(fields), ''].join('\n')
  const sig = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64')
  const parameters = Object.entries({ ...fields, sig }).filter(([, value]) => value !== '')
  return parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}
