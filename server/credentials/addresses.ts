import 'server-only'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { isMetadataAddress } from '@/server/http-out/metadata-addresses'

/**
 * Where connections may lead. A catalog or a store is often on the same machine or in a private network, so those
 * addresses are allowed. Addresses that never belong to a catalog or a store are refused.
 */

/**
 * Normalizes an `http:` or `https:` URL without credentials, query or fragment, to text without a trailing slash.
 *
 * @throws {AppError} invalid-request, forbidden for an address that is never a catalog's
 */
export function normalizeAddress(text: string, label: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('invalid-request', `${label} must start with http:// or https:// and name a host.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('invalid-request', `${label} contains a user or a password. Enter them as credentials.`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AppError(
      'invalid-request',
      `${label} contains a query or a fragment. Remove ? or # and everything after it.`,
    )
  }
  const host = hostOf(url)
  if (isIP(host) !== 0) refuseAddress(host)
  return url.href.replace(/\/+$/, '')
}

/**
 * Resolves a host name, and checks that none of its addresses is refused.
 *
 * @throws {AppError} forbidden; DNS errors for unknown names are passed on
 */
export async function resolveAddresses(url: URL): Promise<string[]> {
  const found = await lookup(hostOf(url), { all: true })
  for (const { address } of found) refuseAddress(address)
  return found.map(({ address }) => address)
}

function refuseAddress(address: string): void {
  if (isMetadataAddress(address)) {
    throw new AppError(
      'forbidden',
      `${address} is the address of a cloud’s metadata server, never a catalog or a store.`,
    )
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}
