import 'server-only'
import type { RemoteRequest } from '../remote/client'

export const GCS_ENDPOINT = 'https://storage.googleapis.com'

/**
 * The URL of a request. Google's store has two APIs at one host. The XML API serves bytes and lengths: it supports HEAD
 * and reports whether the bucket or the object is missing. The JSON API serves everything else: it supports conditions
 * for large uploads. Names are encoded so that they are never read as additional path, a query or a port.
 *
 * @param endpoint null: Google's own
 */
export function gcsUrl(
  endpoint: string | null,
  { method, object, query = {} }: Pick<RemoteRequest, 'method' | 'object' | 'query'>,
): URL {
  const { bucket, key } = object
  const objectsPath = `/storage/v1/b/${encodeURIComponent(bucket)}/o`
  const url = new URL(endpoint ?? GCS_ENDPOINT)
  const path = () => {
    if (method === 'POST' || method === 'PUT') return `/upload${objectsPath}`
    if (method === 'DELETE') return `${objectsPath}/${encodeURIComponent(key)}`
    return key === '' ? objectsPath : `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`
  }
  url.pathname = url.pathname.replace(/\/+$/, '') + path()
  const isUpload = method === 'POST' || method === 'PUT'
  url.search = Object.entries({ ...query, ...(isUpload && { name: key }) })
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  return url
}
