import 'server-only'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { isPrivateAddress } from '@/server/http-out/private-addresses'
import { isMetadataAddress } from '@/server/http-out/metadata-addresses'
import type { Reach } from '@/server/http-out/safe-address'

/**
 * The gate for addresses that a catalog hands out (`s3.endpoint`, `gcs.service.host`). This server stands inside a network the catalog may
 * not see: an address from outside must not make it knock on doors there.
 *
 * Addresses where clouds keep the credentials of machines are refused whoever names them. Those of
 * this machine and of private networks pass only where the connection itself, made by an admin, names the same. What is
 * judged here is judged again at every connect, by the reach that goes with the address.
 */

export type VendedAddress = {
  address: string
  /** Addresses the connection's admin named: the catalog's own and those of its storage. */
  trusted: readonly string[]
  /** Set where requests go to the bucket's name below the host, which may be another machine. */
  bucket?: string | null
  resolve?: (host: string) => Promise<readonly string[]>
}

/**
 * @returns the address without a slash at the end, and how far it may lead
 * @throws {AppError} forbidden when this server may not be sent there; catalog-unavailable when the name is not found
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
    throw new AppError('forbidden', 'The catalog hands out an address for files that is not one.')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const ips = isIP(host) === 0 ? [...(await resolve(host))] : [host]
  if (bucket !== null && isIP(host) === 0) ips.push(...(await resolve(`${bucket}.${host}`)))
  if (ips.some((ip) => isMetadataAddress(ip))) {
    throw new AppError(
      'forbidden',
      `The catalog hands out ${url.origin} for files. Lakeshore never goes to link-local addresses.`,
    )
  }
  const reach = isTrustedHost(url, trusted) ? 'anywhere' : 'outside'
  if (reach === 'outside' && ips.some((ip) => isPrivateAddress(ip))) {
    throw new AppError(
      'forbidden',
      `The catalog hands out ${url.origin} for files, which is inside this network. To allow it, an admin gives the connection a storage with this endpoint.`,
      { facts: { endpoint: url.origin } },
    )
  }
  return { endpoint: url.href.replace(/\/+$/, ''), reach }
}

/** A catalog's own host is trusted on every port: it is often one machine with its store. */
function isTrustedHost(url: URL, trusted: readonly string[]): boolean {
  return trusted.some((address) => URL.parse(address)?.hostname === url.hostname)
}

async function resolveHost(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    throw new AppError('catalog-unavailable', `The catalog hands out ${host} for files, and there is no such host.`, {
      cause,
    })
  }
}
