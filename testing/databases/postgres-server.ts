import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../processes/free-port.ts'
import { type Cluster, createCluster, type PostgresCollation } from './postgres-cluster.ts'
import { type PostgresAge, postgresVersion } from './install-postgres.ts'
import { listChildPids, killTree, waitUntilExited } from '../processes/process-tree.ts'

const READY_TIMEOUT_MS = 300_000
const STOP_GRACE_MS = 60_000
const POLL_INTERVAL_MS = 20
const MAX_LOG_CHARS = 4000

export type PostgresOptions = {
  /** The newest by default. */
  age?: PostgresAge
  /** `c` by default. */
  collation?: PostgresCollation
  /** Accepts only encrypted connections, with {@link PostgresServer.certificateFile}. */
  isTls?: boolean
  /** Whether commits wait for the disk; true by default. A killed server loses nothing either way. */
  isDurable?: boolean
  maxConnections?: number
  /** More settings for `postgresql.conf`. */
  settings?: Record<string, string>
}

export type PostgresServer = {
  /** The superuser's URL, for the database `postgres`. */
  url: string
  /** As the server names it: `18.4`. */
  version: string
  dataDir: string
  /** The server's log file. */
  logFile: string
  /** The certificate that a client has to trust; null without TLS. */
  certificateFile: string | null
  /** The id of the server's first process. @throws while none is running */
  readonly pid: number
  /** Stops it, and removes all its processes and data. */
  stop: () => Promise<void>
  /** Kills all its processes at once; {@link PostgresServer.restart} starts it on the data that is left. */
  kill9: () => Promise<void>
  /** Starts it again on the same port and data, after a clean stop if it is still running. */
  restart: () => Promise<void>
}

/**
 * Starts a separate PostgreSQL server on a free port of the loopback, in a temporary folder. It ends with the process
 * that started it, however that ends.
 *
 * @throws when the program is not available, or with the end of its log when it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { age = 'newest', collation = 'c', isTls = false } = options
  const password = randomBytes(18).toString('base64url')
  const cluster = await createCluster({ age, collation, password, isTls })
  const port = await freePort()
  const watchdog = startWatchdog(cluster.folder)
  let server: ChildProcess | null = null

  const start = async () => {
    server = spawnServer(cluster, port, options)
    watchdog.watch(server.pid)
    server.once('exit', () => watchdog.watch(undefined))
    await waitUntilReady(cluster, server)
  }
  const end = async () => {
    if (server !== null) await endServer(server)
  }
  const stop = async () => {
    await end()
    watchdog.stop()
    rmSync(cluster.folder, { recursive: true, force: true })
  }
  const pid = () => {
    if (server?.pid === undefined || hasEnded(server)) throw new Error('This PostgreSQL server is not running.')
    return server.pid
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    version: postgresVersion(age),
    dataDir: cluster.dataDir,
    logFile: logFileOf(cluster),
    certificateFile: cluster.certificate?.cert ?? null,
    get pid() {
      return pid()
    },
    stop,
    kill9: async () => {
      const exit = server && once(server, 'exit')
      await killTree(pid())
      await exit
    },
    restart: async () => {
      await end()
      await start()
    },
  }
}

function logFileOf({ folder }: Cluster): string {
  return path.join(folder, 'log')
}

function spawnServer(cluster: Cluster, port: number, options: PostgresOptions): ChildProcess {
  const { isDurable = true, maxConnections = 100, settings = {} } = options
  const { certificate } = cluster
  const serverSettings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    fsync: isDurable ? 'on' : 'off',
    ...(certificate && { ssl: 'on', ssl_cert_file: certificate.cert, ssl_key_file: certificate.key }),
    ...settings,
  }
  const args = Object.entries(serverSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(logFileOf(cluster), 'a')
  const child = spawn(cluster.program, ['-D', cluster.dataDir, ...args], {
    cwd: cluster.folder,
    ...cluster.user,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.once('error', () => {}) // if it could not be started, it has no id
  return child
}

async function waitUntilReady(cluster: Cluster, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadline && server.pid !== undefined && !hasEnded(server)) {
    if (isReady(cluster, server.pid)) return
    await wait(POLL_INTERVAL_MS)
  }
  const end = readFileSync(logFileOf(cluster), 'utf8').slice(-MAX_LOG_CHARS)
  throw new Error(`PostgreSQL did not start (exit ${server.exitCode ?? server.signalCode}).\n${end}`)
}

/** The check that `pg_ctl` makes: the server's first process writes its id and its state into this file. */
function isReady({ dataDir }: Cluster, pid: number): boolean {
  try {
    const lines = readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
  } catch {
    return false // not written yet
  }
}

/** Ends all connections, then the server with its processes. */
async function endServer(server: ChildProcess): Promise<void> {
  const { pid } = server
  if (pid === undefined || hasEnded(server)) return
  const exit = once(server, 'exit')
  const children = await listChildPids(pid)
  server.kill('SIGINT')
  const grace = setTimeout(() => void killTree(pid), STOP_GRACE_MS)
  await exit
  clearTimeout(grace)
  await waitUntilExited(children)
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null
}

/** However this process ends, the watchdog then ends the server and removes its folder. */
function startWatchdog(folder: string): { watch: (pid: number | undefined) => void; stop: () => void } {
  const program = path.join(import.meta.dirname, 'postgres-watchdog.ts')
  const child = spawn(process.execPath, [program, folder], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] })
  child.unref()
  return {
    watch: (pid) => void child.stdin.write(`${pid ?? ''}\n`),
    stop: () => void child.kill('SIGKILL'),
  }
}
