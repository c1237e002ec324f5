import 'server-only'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { isMetadataAddress } from '@/server/http-out/metadata-addresses'

/**
 * Where connections may lead. A catalog or a store is often on the same machine or in a private network, so those are
 * open; what is never one is refused.
 */

/**
 * An `http:` or `https:` address without credentials, query or fragment; as text without a slash at the end.
 *
 * @throws {AppError} invalid-request, forbidden for an address that is never a catalog's
 */
export function normalizeAddress(text: string, label: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('invalid-request', `${label} is no address with http:// or https://.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('invalid-request', `${label} holds a user or a password: give them under login.`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AppError('invalid-request', `${label} goes on after its path: leave out ? and #.`)
  }
  const host = hostOf(url)
  if (isIP(host) !== 0) refuseAddress(host)
  return url.href.replace(/\/+$/, '')
}

/**
 * The addresses behind a host name, none of them a refused one.
 *
 * @throws {AppError} forbidden; what DNS says when there is no such name passes as it is
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
      `${address} is where machines are told about themselves, never a catalog or a store.`,
    )
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}
