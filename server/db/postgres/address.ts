import 'server-only'
import { readFileSync } from 'node:fs'
import type { PoolConfig } from 'pg'

/** As libpq has them. What else a URL could say, the settings and the adapter say. */
const KNOWN_PARAMETERS: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert'])
/** Of `sslrootcert`: the authorities that this program trusts by itself. */
const SYSTEM_ROOTS = 'system'

/** The parts of a URL, without what could be a secret in words: `postgres://host:port/database`. */
export function describeAddress(text: string): string {
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

/**
 * Where the URL leads, and TLS as its parameters say it. Without `sslmode` a connection to this machine is plain, and
 * any other checks the server's certificate and name.
 *
 * @throws {Error} for a parameter or a mode that is none, or a file that cannot be read
 */
export function parseAddress(
  text: string,
): Pick<PoolConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'> {
  const url = new URL(text)
  const unknown = [...url.searchParams.keys()].filter((name) => !KNOWN_PARAMETERS.has(name))
  if (unknown.length > 0)
    throw new Error(`the address may have the parameters sslmode and sslrootcert, but not ${unknown.join(', ')}`)
  const host = decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  const mode = url.searchParams.get('sslmode') ?? (isLocalHost(host) ? 'disable' : 'verify-full')
  return {
    host,
    ...(url.port !== '' && { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: toTlsOptions(mode, url.searchParams.get('sslrootcert')),
  }
}

/** A host that is a path is the folder of a socket. */
function isLocalHost(host: string): boolean {
  return ['', 'localhost', '127.0.0.1', '::1'].includes(host) || host.startsWith('/')
}

function toTlsOptions(mode: string, rootFile: string | null): PoolConfig['ssl'] {
  const ca = rootFile === null || rootFile === SYSTEM_ROOTS ? {} : { ca: readFileSync(rootFile, 'utf8') }
  switch (mode) {
    case 'disable':
      return false
    case 'require':
      // As in libpq: with a root, the certificate is checked against it.
      return rootFile === null ? { rejectUnauthorized: false } : toTlsOptions('verify-ca', rootFile)
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true }
    default:
      throw new Error(`sslmode is one of disable, require, verify-ca and verify-full, not ${mode}`)
  }
}
