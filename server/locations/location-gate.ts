import 'server-only'
import { AppError } from '@/lib/errors'
import { outsideLocationError } from './outside-location'

/**
 * The gate that every location passes before a file is touched: the location must be inside one of the allowed roots.
 * Locations come from metadata, manifests and requests that others wrote. The gate compares them as text; the local
 * store checks for symlinks when it opens a file.
 *
 * Locations are not percent-decoded. Iceberg writers put already encoded partition values into file names and read them
 * back unchanged, and so do the stores here.
 */

/**
 * `path` is absolute, without empty segments and without a trailing slash; `key` is exactly as written. `cloud` is the
 * end of an account's host names after `dfs.` or `blob.`: the same account name can exist in several clouds.
 */
export type ParsedLocation =
  | { scheme: 'file'; path: string }
  | { scheme: 's3' | 'gs'; bucket: string; key: string }
  | ({ scheme: 'azure' } & AzureBlob)

export type AzureBlob = { account: string; cloud: string; container: string; key: string }

/** `file:///…`, `file:/…` or a bare absolute path, as Hadoop, Java and PyIceberg write them. */
const LOCAL = /^(?:file:\/\/|file:)?(\/(?!\/).*)$/is
/**
 * Hadoop's schemes for S3 mean the same objects. The bucket becomes part of a URL, so no other characters are allowed
 * in it. Google's rules for bucket names are the same.
 */
const BUCKET_OBJECT = /^(s3[an]?|gs):\/\/([a-z0-9](?:[a-z0-9_-]|\.(?!\.)){1,253}[a-z0-9])(?:\/(.*))?$/is
/** Hadoop's schemes for Azure, `container@account.dfs.…` and `.blob.…`, mean the same objects. */
const AZURE =
  /^(?:abfs|wasb)s?:\/\/([a-z0-9](?:-?[a-z0-9]){2,62})@([a-z0-9]{3,24})\.(?:dfs|blob)\.(core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn))(?:\/(.*))?$/is

/**
 * Parses a location. Returns null unless it plainly names a file or an object: for other schemes, `.` or `..` as a
 * segment or hidden in `%2e` or `%252e`, backslashes and control characters.
 */
export function parseLocation(location: string): ParsedLocation | null {
  if (hasControlCharacter(location) || location.includes('\\') || !location.isWellFormed()) return null
  const path = LOCAL.exec(location)?.[1]
  if (path !== undefined) {
    const segments = path.split('/').filter((segment) => segment !== '')
    return segments.some(isTraversalSegment) ? null : { scheme: 'file', path: `/${segments.join('/')}` }
  }
  const object = parseBucketObject(location) ?? parseAzureBlob(location)
  // An empty segment is part of an object's name: without it the location would name another object.
  return object === null || object.key.split('/').some(isTraversalSegment) ? null : object
}

function parseBucketObject(location: string) {
  const [, scheme, bucket, key = ''] = BUCKET_OBJECT.exec(location) ?? []
  if (scheme === undefined || bucket === undefined) return null
  return { scheme: scheme.toLowerCase() === 'gs' ? ('gs' as const) : ('s3' as const), bucket, key }
}

function parseAzureBlob(location: string) {
  const [, container, account, cloud, key = ''] = AZURE.exec(location) ?? []
  if (container === undefined || account === undefined || cloud === undefined) return null
  // Host names ignore case; container names have no capitals.
  return { scheme: 'azure' as const, account: account.toLowerCase(), cloud: cloud.toLowerCase(), container, key }
}

/**
 * @param roots folders as `file:///…` locations
 * @returns the absolute path, without empty segments and without a trailing slash
 * @throws {AppError} location-refused; the message does not reveal whether the file exists
 */
export function requireLocalPath(location: string, roots: readonly string[]): string {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'file') throw unusableLocationError(location)
  return parsed.path
}

/**
 * @param roots `s3://bucket` or `s3://bucket/prefix`
 * @returns the bucket and the object's key, which is empty for the bucket itself
 * @throws {AppError} location-refused; the message does not reveal whether the object exists
 */
export function requireS3Object(location: string, roots: readonly string[]): { bucket: string; key: string } {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 's3') throw unusableLocationError(location)
  return { bucket: parsed.bucket, key: parsed.key }
}

/**
 * @param roots `gs://bucket` or `gs://bucket/prefix`
 * @returns the bucket and the object's key, which is empty for the bucket itself
 * @throws {AppError} location-refused; the message does not reveal whether the object exists
 */
export function requireGcsObject(location: string, roots: readonly string[]): { bucket: string; key: string } {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'gs') throw unusableLocationError(location)
  return { bucket: parsed.bucket, key: parsed.key }
}

/**
 * @param roots `abfss://container@account.dfs.core.windows.net` or with a prefix
 * @returns the blob, whose key is empty for the container itself
 * @throws {AppError} location-refused; the message does not reveal whether the blob exists
 */
export function requireAzureBlob(location: string, roots: readonly string[]): AzureBlob {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'azure') throw unusableLocationError(location)
  const { account, cloud, container, key } = parsed
  return { account, cloud, container, key }
}

/** The path length in characters of the longest root that contains a location; null when no root contains it. */
export function rootLength(location: string, roots: readonly string[]): number | null {
  const parsed = parseLocation(location)
  return parsed && longestRootLength(parsed, roots)
}

function longestRootLength(parsed: ParsedLocation, roots: readonly string[]): number | null {
  let longest: number | null = null
  for (const text of roots) {
    const root = parseLocation(text)
    if (root && isInside(parsed, root)) longest = Math.max(longest ?? 0, pathOf(root).length)
  }
  return longest
}

/**
 * All spellings that writers use for one location, without a trailing slash. An invalid location is returned unchanged.
 */
export function equivalentLocations(location: string): string[] {
  const parsed = parseLocation(location)
  if (!parsed) return [location]
  const rest = parsed.scheme !== 'file' && parsed.key !== '' ? `/${pathOf(parsed)}` : ''
  switch (parsed.scheme) {
    case 'file':
      return ['file://', 'file:', ''].map((prefix) => prefix + parsed.path)
    case 's3':
      return ['s3', 's3a', 's3n'].map((scheme) => `${scheme}://${parsed.bucket}${rest}`)
    case 'gs':
      return [`gs://${parsed.bucket}${rest}`]
    case 'azure':
      return ['dfs', 'blob'].flatMap((service) =>
        ['abfss', 'abfs', 'wasbs', 'wasb'].map(
          (scheme) => `${scheme}://${parsed.container}@${parsed.account}.${service}.${parsed.cloud}${rest}`,
        ),
      )
  }
}

function admitLocation(location: string, roots: readonly string[]): ParsedLocation {
  const parsed = parseLocation(location)
  if (!parsed) throw unusableLocationError(location)
  if (longestRootLength(parsed, roots) === null) {
    throw outsideLocationError({ location })
  }
  return parsed
}

const RENAME_HINT = 'Write the file again under another name, with the engine that writes the table.'

function unusableLocationError(location: string): AppError {
  const detail = describeUnusable(location)
  return new AppError('location-refused', detail ?? `Lakeshore may not use this location: ${location}.`, {
    facts: { location, ...(detail !== null && { hint: RENAME_HINT }) },
  })
}

/** The reason why a name leads to no file, in which the name is visible; null if the name is not the reason. */
function describeUnusable(location: string): string | null {
  const found = location.includes('\\')
    ? 'a backslash'
    : hasControlCharacter(location)
      ? 'a control character'
      : location.split('/').some(isTraversalSegment)
        ? 'a dot that another program may take for a parent folder'
        : null
  if (found === null) return null
  // JSON has escapes for all control characters but this one.
  const shown = JSON.stringify(location).replaceAll('\x7f', '\\u007f')
  return `Lakeshore opens no file with ${found} in its location: ${shown}.`
}

function isInside(location: ParsedLocation, root: ParsedLocation): boolean {
  if (location.scheme !== root.scheme || bucketName(location) !== bucketName(root)) return false
  // The whole file system cannot be a root.
  if (root.scheme === 'file' ? root.path === '/' : pathOf(root) === '') return root.scheme !== 'file'
  return pathOf(location) === pathOf(root) || pathOf(location).startsWith(`${pathOf(root)}/`)
}

/** Where keys live: the bucket, or the container with its account. */
function bucketName(location: ParsedLocation): string {
  switch (location.scheme) {
    case 'file':
      return ''
    case 's3':
    case 'gs':
      return location.bucket
    case 'azure':
      return `${location.container}@${location.account}.${location.cloud}`
  }
}

function pathOf(location: ParsedLocation): string {
  return location.scheme === 'file' ? location.path : location.key.replace(/\/+$/, '')
}

/** An encoded dot, encoded once or several times. */
const ENCODED_DOT = /%(?:25)*2e/gi
const ENCODED_SEPARATOR = /%(?:25)*(?:2f|5c)/i

/**
 * Whether a segment leads elsewhere, including for a program that decodes it or trims spaces around it.
 *
 * The folder of a partition (`name=value`) is plain text: writers encode the slashes of a value (`p=x%2F..%2Fy`), and
 * no reader decodes them. Writers do not encode dots, so no legitimate name has an encoded one (`%2e`).
 */
function isTraversalSegment(segment: string): boolean {
  // A fast path: most segments have neither, and every request for a table checks its location.
  if (!segment.includes('.') && !segment.includes('%')) return false
  if (/%2e/i.test(segment)) return true
  if (segment.includes('=')) return false
  const parts = segment.split(ENCODED_SEPARATOR).map((part) => part.replaceAll(ENCODED_DOT, '.').trim())
  return parts.some((part) => part === '.' || part === '..')
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
