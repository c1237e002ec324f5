import 'server-only'
import type { ObjectIdentifier } from '../remote/client'
import { type Account, accountUrl } from './account'

/**
 * The URL of a blob or, with an empty key, of its container. Each segment of a key is encoded on its own, so that a
 * blob's name is never read as additional path, a query or a port.
 *
 * @param endpoint the account's endpoint, with its path if it has one; null: Azure's own
 */
export function blobUrl(
  endpoint: string | null,
  account: Account,
  { bucket, key }: ObjectIdentifier,
  query: readonly (readonly [string, string])[] = [],
): URL {
  const url = new URL(endpoint ?? accountUrl(account))
  const segments = [bucket, ...(key === '' ? [] : key.split('/'))].map(encodeURIComponent)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${segments.join('/')}`
  url.search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  return url
}
