import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { buildIfStale } from '../../scripts/build.ts'
import { postgresSettings } from '../databases/postgres-settings.ts'
import { CATALOG, type ConsoleClient, signIn } from './console-client.ts'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort, startServer } from '../processes/server-process.ts'

export type Lakeshore = {
  /** Of its REST catalog; clients add `/v1/…`. */
  uri: string
  /** What clients may ask for as the warehouse: the name of its embedded catalog. */
  warehouse: string
  /** Of an admin, for its REST catalog. */
  token: string
  /** Its own API, as the browser of an admin asks it. */
  console: ConsoleClient
  /** Where people reach it, and how its admin signs in. */
  url: string
  password: string
  /** Of `up`. */
  pid: number
  /** Runs a verb of its command line. @returns what it wrote to its output */
  run: (...verb: string[]) => Promise<string>
  stop: () => Promise<void>
}

export type LakeshoreOptions = {
  /** Makes the demo lake, too. */
  hasDemo?: boolean
  /** Of an empty PostgreSQL database for its state; SQLite when left out. */
  databaseUrl?: string
  webProcesses?: number
  /** Of the admin of a home that is there. A new home gets a password of its own when left out. */
  password?: string
}

const READY_TIMEOUT_MS = 300_000
const VERB_TIMEOUT_MS = 300_000
const NODE_ARGS = ['--conditions=react-server', '--enable-source-maps', 'build/cli.mjs']

/** Starts the product as it is built, web and worker, on the home in `folder`, which it makes where there is none. */
export async function startLakeshore(
  folder: string,
  settings: Record<string, string> = {},
  {
    hasDemo = false,
    databaseUrl,
    webProcesses,
    password = randomBytes(18).toString('base64url'),
  }: LakeshoreOptions = {},
): Promise<Lakeshore> {
  await buildIfStale()
  const home = path.join(folder, 'home')
  const port = await freePort()
  const env = {
    ...(databaseUrl !== undefined && postgresSettings(databaseUrl)),
    ...(webProcesses !== undefined && { LAKESHORE_WEB_PROCESSES: String(webProcesses) }),
    ...settings,
    LAKESHORE_HOME: home,
    LAKESHORE_ADMIN_PASSWORD: password,
  }
  const url = `http://127.0.0.1:${port}`
  const run = (...verb: string[]) => runToEnd('node', [...NODE_ARGS, ...verb], { timeoutMs: VERB_TIMEOUT_MS, env })
  // A folder that is not the home's may hold tables of others.
  if (settings.LAKESHORE_WAREHOUSE !== undefined) await run('init', '--accept-warehouse')
  const { pid, stop } = await startServer({
    name: 'lakeshore',
    command: 'node',
    args: ['scripts/up.ts', ...(hasDemo ? [] : ['--no-demo']), '--port', String(port)],
    env,
    readyUrl: `${url}/readyz`,
    readyTimeoutMs: READY_TIMEOUT_MS,
  })
  try {
    const token = await createToken(run)
    const console = await signIn(url, 'admin', password)
    return { uri: `${url}/iceberg`, warehouse: CATALOG, token, console, url, password, pid, run, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * A token of the first admin, for the REST catalog.
 *
 * @param run runs a verb of the command line
 */
export async function createToken(run: Lakeshore['run']): Promise<string> {
  const output = await run('token', 'create', '--user', 'admin', '--name', 'interop')
  const token = /lsh_\S+/.exec(output)?.[0]
  if (token === undefined) throw new Error('lakeshore token create printed no token.')
  return token
}
