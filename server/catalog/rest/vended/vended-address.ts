import 'server-only'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { isPrivateAddress } from '@/server/http-out/private-addresses'
import { isMetadataAddress } from '@/server/http-out/metadata-addresses'
import type { Reach } from '@/server/http-out/safe-address'

/**
 * The gate for addresses that a catalog vends (`s3.endpoint`, `gcs.service.host`). This server is inside a network that
 * the catalog may not reach, so an address from the catalog must not make it connect to hosts there.
 *
 * Addresses where clouds serve the credentials of machines are always refused. Those of this machine and of private
 * networks pass only when the connection, which an admin created, names the same host. The returned reach repeats the
 * check at every connect.
 */

export type VendedAddress = {
  address: string
  /** Addresses from the connection's settings: the catalog's own and those of its storage. */
  trusted: readonly string[]
  /** Set when requests go to the bucket as a subdomain of the host, which may be another machine. */
  bucket?: string | null
  resolve?: (host: string) => Promise<readonly string[]>
}

/**
 * @returns the address without a slash at the end, and the networks it may resolve to
 * @throws {AppError} forbidden when this server may not connect to it; catalog-unavailable when the host name does not
 *   resolve
 */
export async function checkVendedAddress({
  address,
  trusted,
  bucket = null,
  resolve = resolveHost,
}: VendedAddress): Promise<{ endpoint: string; reach: Reach }> {
  const url = URL.parse(address)
  const isBareUrl = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!isBareUrl || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('forbidden', 'The catalog sent an invalid storage endpoint for the table’s files.')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const ips = isIP(host) === 0 ? [...(await resolve(host))] : [host]
  if (bucket !== null && isIP(host) === 0) ips.push(...(await resolve(`${bucket}.${host}`)))
  if (ips.some((ip) => isMetadataAddress(ip))) {
    throw new AppError(
      'forbidden',
      `The catalog sent ${url.origin} as storage endpoint. Lakeshore never connects to link-local addresses.`,
    )
  }
  const reach = isTrustedHost(url, trusted) ? 'anywhere' : 'outside'
  if (reach === 'outside' && ips.some((ip) => isPrivateAddress(ip))) {
    throw new AppError(
      'forbidden',
      `The catalog sent ${url.origin} as storage endpoint, which is inside this network. To allow it, an admin must add storage with this endpoint to the connection.`,
      { facts: { endpoint: url.origin } },
    )
  }
  return { endpoint: url.href.replace(/\/+$/, ''), reach }
}

/** A catalog's own host is trusted on every port, because its store often runs on the same machine. */
function isTrustedHost(url: URL, trusted: readonly string[]): boolean {
  return trusted.some((address) => URL.parse(address)?.hostname === url.hostname)
}

async function resolveHost(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    throw new AppError(
      'catalog-unavailable',
      `The catalog sent ${host} as storage endpoint, but this host name does not resolve.`,
      {
        cause,
      },
    )
  }
}
