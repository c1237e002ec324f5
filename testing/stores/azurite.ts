import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { AzureAccess } from '@/server/locations/storage-access'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'

/** Microsoft's own stand-in for Azure Storage. Version 3.37.0 requires a package that is not on npm. */
const VERSION = '3.36.0'
const FOLDER = path.resolve(`.cache/azurite-${VERSION}`)
const PROGRAM = path.join(FOLDER, 'node_modules/azurite/dist/src/blob/main.js')
const INSTALL_TIMEOUT_MS = 600_000
const READY_TIMEOUT_MS = 300_000

export type Azurite = {
  /** The endpoint of the account. */
  endpoint: string
  account: string
  accountKey: string
  /** Exists from the start and is empty. */
  container: string
  /** A shared access signature for the whole account, valid for a day. */
  sas: string
  /** Access to the whole container with the account's key. */
  access: AzureAccess
  stop: () => Promise<void>
}

/** Installs it with npm if necessary. @throws when it is not available */
export async function installAzurite(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM
  const draft = `${FOLDER}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const args = ['install', '--prefix', draft, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  try {
    await runToEnd('npm', [...args, `azurite@${VERSION}`], { timeoutMs: INSTALL_TIMEOUT_MS })
    // Another test file may have been faster; its program works as well.
    if (!existsSync(FOLDER)) renameSync(draft, FOLDER)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return PROGRAM
}

/**
 * Azurite on a free port of this machine, in memory only.
 *
 * @param tls the files of a certificate that this process trusts and of its key. With them, Azurite also accepts tokens
 *   of Entra by their claims; it does not check their signatures
 * @throws when it is not available
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
    // Azure's client for Python requests a protocol version that this one does not list.
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
    throw new Error(`Azurite created no container: ${created.status} ${await created.text()}`)
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
