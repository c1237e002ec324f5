import 'server-only'
import { readFileSync } from 'node:fs'
import type { PoolConfig } from 'pg'

/** Parameters as in libpq. Everything else comes from the settings and the adapter. */
const KNOWN_PARAMETERS: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert'])
/** The value of `sslrootcert` for the authorities that Node trusts by default. */
const SYSTEM_ROOTS = 'system'

/** The address without secrets, for messages: `postgres://host:port/database`. */
export function describeAddress(text: string): string {
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

/**
 * The target of the URL, and TLS by its parameters. Without `sslmode` a connection to this machine is not encrypted,
 * and any other verifies the server's certificate and name.
 *
 * @throws {Error} for an unknown parameter or mode, or a file that cannot be read
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
      // As in libpq: with a root, the certificate is verified against it.
      return rootFile === null ? { rejectUnauthorized: false } : toTlsOptions('verify-ca', rootFile)
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true }
    default:
      throw new Error(`sslmode is one of disable, require, verify-ca and verify-full, not ${mode}`)
  }
}
