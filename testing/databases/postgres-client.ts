import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'

/** The programs for backups of PostgreSQL. npm's builds of the server do not include them. */
export type PostgresClient = { psql: string; pgDump: string; pgRestore: string; majorVersion: number }

const VERSION_TIMEOUT_MS = 60_000
const INSTALL_TIMEOUT_MS = 600_000
/** Debian's `pg_dump` on the PATH chooses one of these versions by itself. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'

/**
 * Returns a client that can dump this server: `pg_dump` refuses servers newer than itself. If this machine has no
 * client and this process is root, it installs Debian's.
 *
 * @param serverVersion as the server names it: `18.4`
 * @throws when no client is available
 */
export async function ensurePostgresClient(serverVersion: string): Promise<PostgresClient> {
  if (clientFolders().length === 0) await installClient()
  const clients = await Promise.all(clientFolders().map(readClient))
  const newest = clients.sort((a, b) => b.majorVersion - a.majorVersion)[0]
  const needed = Number.parseInt(serverVersion, 10)
  if (newest && newest.majorVersion >= needed) return newest
  const found = newest ? `The newest it has is ${newest.majorVersion}.` : 'It has none.'
  throw new Error(`This machine has no pg_dump of PostgreSQL ${needed} or newer. ${found}`)
}

function clientFolders(): string[] {
  const onPath = (process.env.PATH ?? '').split(path.delimiter)
  const debian = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : []
  const folders = [...onPath, ...debian.map((version) => path.join(DEBIAN_FOLDER, version, 'bin'))]
  return folders.filter((folder) => existsSync(path.join(folder, 'pg_dump')))
}

async function readClient(folder: string): Promise<PostgresClient> {
  const [psql, pgDump, pgRestore] = ['psql', 'pg_dump', 'pg_restore'].map((name) => path.join(folder, name))
  // pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
  const version = await runToEnd(String(pgDump), ['--version'], { timeoutMs: VERSION_TIMEOUT_MS })
  const majorVersion = Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1])
  return { psql: String(psql), pgDump: String(pgDump), pgRestore: String(pgRestore), majorVersion }
}

async function installClient(): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(
      'This machine has no pg_dump. Install a PostgreSQL client; the tests do that on Debian as root only.',
    )
  const runOptions = { timeoutMs: INSTALL_TIMEOUT_MS, env: { DEBIAN_FRONTEND: 'noninteractive' } }
  await runToEnd('apt-get', ['update'], runOptions)
  await runToEnd('apt-get', ['install', '--yes', '--no-install-recommends', 'postgresql-client'], runOptions)
}
