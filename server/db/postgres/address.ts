import 'server-only'
import { readFileSync } from 'node:fs'
import type { PoolConfig } from 'pg'

/** The TLS parameters of a URL, as libpq has them. What else a URL could say is the adapter's to decide. */
const KNOWN_PARAMETERS: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert'])
/** Of `sslrootcert`: the authorities that Node trusts by itself. */
const TRUSTED_BY_SYSTEM = 'system'

/** The parts of a URL, without what could be a secret in words: `postgres://host:port/database`. */
export function describeAddress(text: string): string {
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

/**
 * The URL without its TLS parameters, and TLS as they say it. Without `sslmode` a connection to this machine is plain,
 * and any other checks the server's certificate and name.
 *
 * @throws {Error} for a parameter or a mode that is none, or a file that cannot be read
 */
export function addressOf(text: string): Pick<PoolConfig, 'connectionString' | 'ssl'> {
  const url = new URL(text)
  const unknown = [...url.searchParams.keys()].filter((name) => !KNOWN_PARAMETERS.has(name))
  // The driver would prefer them to the settings that the adapter relies on.
  if (unknown.length > 0)
    throw new Error(`the address may have the parameters sslmode and sslrootcert, but not ${unknown.join(', ')}`)
  const mode = url.searchParams.get('sslmode') ?? (isOfThisMachine(url) ? 'disable' : 'verify-full')
  const rootFile = url.searchParams.get('sslrootcert')
  url.search = ''
  return { connectionString: url.href, ssl: tlsOf(mode, rootFile) }
}

/** A host that is a path is a socket of this machine. */
function isOfThisMachine({ hostname }: URL): boolean {
  return ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname) || /^%2f/i.test(hostname)
}

function tlsOf(mode: string, rootFile: string | null): PoolConfig['ssl'] {
  const ca = rootFile === null || rootFile === TRUSTED_BY_SYSTEM ? {} : { ca: readFileSync(rootFile, 'utf8') }
  switch (mode) {
    case 'disable':
      return false
    case 'require':
      // As libpq has it: who names a root wants the server's certificate checked against it.
      return rootFile === null ? { rejectUnauthorized: false } : tlsOf('verify-ca', rootFile)
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true }
    default:
      throw new Error(`sslmode is one of disable, require, verify-ca and verify-full, not ${mode}`)
  }
}
