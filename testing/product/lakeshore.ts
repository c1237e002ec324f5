import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { buildIfStale } from '../../scripts/build.ts'
import { postgresSettings } from '../databases/postgres-settings.ts'
import { CATALOG, type ConsoleClient, signIn } from './console-client.ts'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'
import { startServer } from '../processes/server-process.ts'

export type Lakeshore = {
  /** The URL of its REST catalog; clients add `/v1/…`. */
  uri: string
  /** The warehouse that clients may name: the embedded catalog. */
  warehouse: string
  /** A token of an admin, for the REST catalog. */
  token: string
  /** Its own API, as the browser of an admin calls it. */
  console: ConsoleClient
  /** The URL of the console, and the password of its admin. */
  url: string
  password: string
  /** The process id of `up`. */
  pid: number
  /** Runs a verb of its command line. @returns its standard output */
  run: (...verb: string[]) => Promise<string>
  stop: () => Promise<void>
}

export type LakeshoreOptions = {
  /** Also loads the demo lake. */
  hasDemo?: boolean
  /** URL of an empty PostgreSQL database for its state; default SQLite. */
  databaseUrl?: string
  webProcesses?: number
  /** Password of the admin of an existing home. By default a new home gets a generated one. */
  password?: string
}

const READY_TIMEOUT_MS = 300_000
const VERB_TIMEOUT_MS = 300_000
const NODE_ARGS = ['--conditions=react-server', 'build/cli.mjs']

/** Starts the built product, web and worker, on the home in `folder`, and creates the home if necessary. */
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
  // A folder outside the home may contain tables of other programs.
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
 * Creates a token of the first admin, for the REST catalog.
 *
 * @param run runs a verb of the command line
 */
export async function createToken(run: Lakeshore['run']): Promise<string> {
  const output = await run('token', 'create', '--user', 'admin', '--name', 'interop')
  const token = /lsh_\S+/.exec(output)?.[0]
  if (token === undefined) throw new Error('lakeshore token create printed no token.')
  return token
}
