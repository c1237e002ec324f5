import 'server-only'
import type { S3Access } from '../../locations/storage-access'

type ObjectIdentifier = { bucket: string; key: string }

/**
 * The URL of an object or, with an empty key, of its bucket. Each segment of a key is encoded on its own, so that an
 * object's name is never read as additional path, a query or a port.
 */
export function objectUrl(
  { endpoint, region, isPathStyle }: Pick<S3Access, 'endpoint' | 'region' | 'isPathStyle'>,
  { bucket, key }: ObjectIdentifier,
  query: Readonly<Record<string, string>> = {},
): URL {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = new URL(endpoint ?? `https://s3.${region}.${domain}`)
  // A certificate for *.s3.… does not cover a bucket with a dot.
  const isInPath = isPathStyle || (bucket.includes('.') && url.protocol === 'https:')
  const host = `${bucket}.${url.hostname}`
  if (!isInPath) url.hostname = host
  // The assignment has no effect when the name is impossible, for example below an IP address. The bucket then goes
  // into the path, so that the first segment of a key is never taken for the bucket.
  const isInHost = !isInPath && url.hostname === host
  const segments = [...(isInHost ? [] : [bucket]), ...key.split('/')].map(percentEncode)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${segments.join('/')}`.replace(
    /\/$/,
    key.endsWith('/') ? '/' : '',
  )
  url.search = Object.entries(query)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&')
  return url
}

/** RFC 3986, as Signature Version 4 requires: `encodeURIComponent` leaves five characters that must be encoded. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
