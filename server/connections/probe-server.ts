import 'server-only'
import { errorCode } from '@/server/error-code'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AppError } from '@/lib/errors'
import { resolveAddresses } from './addresses'

/** Each of these is told, with what to do about it; any other failure is told by its code. */
const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'No such host is known. Look for a mistake in the name, or at the name servers of this machine.',
  EAI_AGAIN: 'The name servers do not answer. Try again, or look at the network of this machine.',
  ECONNREFUSED: 'Nothing listens there. Is the catalog running, and is the port right?',
  ETIMEDOUT: 'Nothing answers there. A firewall may stand between.',
  EHOSTUNREACH: 'There is no way to this host from here. Look at the network or a firewall.',
  ENETUNREACH: 'There is no way to this network from here.',
  ECONNRESET: 'The connection was cut. A proxy may stand between, or the port speaks something else.',
}

const TLS_ERRORS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate has expired. Whoever runs the server has to renew it.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name. Use the name it was made for.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is signed by itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate comes from an authority that this machine does not know.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate comes from an authority that this machine does not know.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate comes from an authority that this machine does not know.',
}
const TRUST_ADVICE = ' Start Lakeshore with NODE_EXTRA_CA_CERTS naming the file of the authority.'

/**
 * Connects to where an address leads, and hangs up.
 *
 * @returns the numeric address that answered, for {@link probeTls}
 * @throws {AppError} catalog-unavailable in words that say how to go on, forbidden
 */
export async function probeTcp(url: URL, signal: AbortSignal): Promise<string> {
  const target = `${url.hostname}, port ${portOf(url)}`
  let failure: unknown = null
  try {
    for (const address of await resolveAddresses(url)) {
      try {
        await waitForSocket(connect({ host: address, port: portOf(url) }), 'connect', signal)
        return address
      } catch (error) {
        failure = error
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    failure = error
  }
  const code = probeErrorCode(failure, signal)
  throw new AppError('catalog-unavailable', `${target}: ${NETWORK_ERRORS[code] ?? `the connection fails (${code}).`}`, {
    cause: failure,
  })
}

/**
 * Asks a server for its certificate, at an address that was looked up before.
 *
 * @throws {AppError} catalog-unavailable in words that say how to go on
 */
export async function probeTls(url: URL, address: string, signal: AbortSignal): Promise<void> {
  const { hostname } = url
  const servername = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { servername: hostname } : {}
  try {
    await waitForSocket(connectTls({ host: address, port: portOf(url), ...servername }), 'secureConnect', signal)
  } catch (cause) {
    const code = probeErrorCode(cause, signal)
    throw new AppError('catalog-unavailable', `${hostname}: ${explainTlsError(code) ?? noTlsDetail(code)}`, { cause })
  }
}

/** What a failure of TLS means and what to do, by Node's code; null for a code of anything else. */
export function explainTlsError(code: string): string | null {
  const explanation = TLS_ERRORS[code]
  if (explanation === undefined) return code === 'EPROTO' || code.startsWith('ERR_SSL_') ? noTlsDetail(code) : null
  const isUntrusted = explanation.includes('authority') || code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
  return `${explanation}${isUntrusted ? TRUST_ADVICE : ''}`
}

function noTlsDetail(code: string): string {
  return `No TLS connection comes about (${code}). Does the port speak https?`
}

function waitForSocket(
  socket: ReturnType<typeof connect>,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.once(event, () => resolve())
  socket.once('error', reject)
  return promise.finally(() => {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  })
}

function portOf(url: URL): number {
  return url.port !== '' ? Number(url.port) : url.protocol === 'https:' ? 443 : 80
}

function probeErrorCode(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'ETIMEDOUT'
  return errorCode(error) ?? 'unknown'
}
