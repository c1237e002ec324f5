import 'server-only'
import { errorCode } from '@/server/error-code'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AppError } from '@/lib/errors'
import { resolveAddresses } from '@/server/credentials/addresses'

/** A message with advice for each of these codes; any other failure is reported by its code. */
const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'No such host is known. Check the name, and the name servers of this machine.',
  EAI_AGAIN: 'The name servers do not answer. Try again, or check the network of this machine.',
  ECONNREFUSED: 'Nothing listens there. Is the catalog running, and is the port right?',
  ETIMEDOUT: 'Nothing answers there. A firewall may block the connection.',
  EHOSTUNREACH: 'This machine has no route to the host. Check the network and firewalls.',
  ENETUNREACH: 'This machine has no route to the network.',
  ECONNRESET: 'The connection was reset. A proxy may block it, or the port uses another protocol.',
}

const TLS_ERRORS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate has expired. The operator of the server must renew it.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host name. Use the host name it was issued for.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is from an authority that this machine does not trust.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate is from an authority that this machine does not trust.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate is from an authority that this machine does not trust.',
}
const TRUST_ADVICE = ' Start Lakeshore with NODE_EXTRA_CA_CERTS set to the authority’s certificate file.'

/**
 * Opens a connection to the host of a URL and closes it.
 *
 * @returns the IP address that answered, for {@link probeTls}
 * @throws {AppError} catalog-unavailable with advice, forbidden
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
  throw new AppError(
    'catalog-unavailable',
    `${target}: ${NETWORK_ERRORS[code] ?? `the connection failed (${code}).`}`,
    {
      cause: failure,
    },
  )
}

/**
 * Checks the certificate of a server, at an IP address that was looked up before.
 *
 * @throws {AppError} catalog-unavailable with advice
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

/** Explains a TLS failure by Node's code, with advice; null for any other code. */
export function explainTlsError(code: string): string | null {
  const explanation = TLS_ERRORS[code]
  if (explanation === undefined) return code === 'EPROTO' || code.startsWith('ERR_SSL_') ? noTlsDetail(code) : null
  const isUntrusted = explanation.includes('authority') || code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
  return `${explanation}${isUntrusted ? TRUST_ADVICE : ''}`
}

function noTlsDetail(code: string): string {
  return `The TLS connection failed (${code}). Does the port speak https?`
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
