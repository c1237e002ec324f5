import 'server-only'
import type { RemoteRequest } from '../remote/client'

export const GCS_ENDPOINT = 'https://storage.googleapis.com'

/**
 * The address of a request. Google's store has two APIs at one host: bytes and lengths are asked of the XML API, which
 * knows HEAD and says whether the bucket or the object is missing; the rest of the JSON API, which lets a large upload
 * be conditional. A name is encoded so that it is never read as more path, a query or a port.
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
