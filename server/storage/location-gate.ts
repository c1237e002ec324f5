import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * The one gate every location passes before a file is touched: it must be inside one of the allowed roots. Locations
 * come from metadata, manifests and requests that others wrote; they are compared as text here, and the local store
 * looks for symlinks when it opens.
 *
 * A location is not percent-decoded: Iceberg's writers put already encoded partition values into file names, and
 * read them back as they are, and so do the stores here.
 */

/**
 * `path` is absolute, without empty segments and without a slash at the end; `key` is exactly as written. `cloud` is
 * what an account's hosts end in after `dfs.` or `blob.`: one name may be an account in several clouds.
 */
export type ParsedLocation =
  | { scheme: 'file'; path: string }
  | { scheme: 's3' | 'gs'; bucket: string; key: string }
  | ({ scheme: 'azure' } & AzureBlob)

export type AzureBlob = { account: string; cloud: string; container: string; key: string }

/** `file:///…`, `file:/…` or a bare absolute path, as Hadoop, Java and PyIceberg write them. */
const LOCAL = /^(?:file:\/\/|file:)?(\/(?!\/).*)$/is
/**
 * Hadoop's names for S3 mean the same objects. A bucket becomes part of an address, so nothing else may be in it.
 * Google's buckets are named alike.
 */
const BUCKET_OBJECT = /^(s3[an]?|gs):\/\/([a-z0-9](?:[a-z0-9_-]|\.(?!\.)){1,253}[a-z0-9])(?:\/(.*))?$/is
/** Hadoop's names for Azure, `container@account.dfs.…` or `.blob.…`, mean the same objects. */
const AZURE =
  /^(?:abfs|wasb)s?:\/\/([a-z0-9](?:-?[a-z0-9]){2,62})@([a-z0-9]{3,24})\.(?:dfs|blob)\.(core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn))(?:\/(.*))?$/is

/**
 * What a location names, or null for one that is not plainly a file or an object: another scheme, `.` or `..` as a
 * segment or hidden in `%2e` or `%252e`, a backslash, a control character.
 */
export function parseLocation(location: string): ParsedLocation | null {
  if (hasControlCharacter(location) || location.includes('\\') || !location.isWellFormed()) return null
  const path = LOCAL.exec(location)?.[1]
  if (path !== undefined) {
    const segments = path.split('/').filter((segment) => segment !== '')
    return segments.some(isTraversalSegment) ? null : { scheme: 'file', path: `/${segments.join('/')}` }
  }
  const object = parseBucketObject(location) ?? parseAzureBlob(location)
  // An empty segment is part of an object's name: to leave it out would be to speak of another object.
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
  // Hosts are the same in capitals; containers have none.
  return { scheme: 'azure' as const, account: account.toLowerCase(), cloud: cloud.toLowerCase(), container, key }
}

/**
 * @param roots folders as `file:///…` locations
 * @returns the absolute path, without empty segments and without a slash at the end
 * @throws {AppError} location-refused, in words that tell nothing about what is there
 */
export function requireLocalPath(location: string, roots: readonly string[]): string {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'file') throw unusableLocationError(location)
  return parsed.path
}

/**
 * @param roots `s3://bucket` or `s3://bucket/prefix`
 * @returns the bucket and the object's key, which is empty for the bucket itself
 * @throws {AppError} location-refused, in words that tell nothing about what is there
 */
export function requireS3Object(location: string, roots: readonly string[]): { bucket: string; key: string } {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 's3') throw unusableLocationError(location)
  return { bucket: parsed.bucket, key: parsed.key }
}

/**
 * @param roots `gs://bucket` or `gs://bucket/prefix`
 * @returns the bucket and the object's key, which is empty for the bucket itself
 * @throws {AppError} location-refused, in words that tell nothing about what is there
 */
export function requireGcsObject(location: string, roots: readonly string[]): { bucket: string; key: string } {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'gs') throw unusableLocationError(location)
  return { bucket: parsed.bucket, key: parsed.key }
}

/**
 * @param roots `abfss://container@account.dfs.core.windows.net` or with a prefix
 * @returns the blob, whose key is empty for the container itself
 * @throws {AppError} location-refused, in words that tell nothing about what is there
 */
export function requireAzureBlob(location: string, roots: readonly string[]): AzureBlob {
  const parsed = admitLocation(location, roots)
  if (parsed.scheme !== 'azure') throw unusableLocationError(location)
  const { account, cloud, container, key } = parsed
  return { account, cloud, container, key }
}

/** How many characters of path the longest root has that a location is inside of; null when it is outside all. */
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

/** The ways in which writers put one location down, without a slash at the end; of one that is none, as it is. */
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
    throw new AppError('location-refused', 'This location is outside the roots of its storage.', {
      facts: { location },
    })
  }
  return parsed
}

function unusableLocationError(location: string): AppError {
  return new AppError('location-refused', 'This location is not one Lakeshore may use.', { facts: { location } })
}

function isInside(location: ParsedLocation, root: ParsedLocation): boolean {
  if (location.scheme !== root.scheme || bucketName(location) !== bucketName(root)) return false
  // The file system as a whole is no root.
  if (root.scheme === 'file' ? root.path === '/' : pathOf(root) === '') return root.scheme !== 'file'
  return pathOf(location) === pathOf(root) || pathOf(location).startsWith(`${pathOf(root)}/`)
}

/** What keys are of: a bucket, or a container with the account it is in. */
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

/** A dot or a separator, encoded once or more often. */
const ENCODED_DOT = /%(?:25)*2e/gi
const ENCODED_SEPARATOR = /%(?:25)*(?:2f|5c)/i

/**
 * Whether a segment leads elsewhere, also for a program that decodes it or leaves out the spaces around it.
 *
 * The folder of a partition (`name=value`) is text: writers encode the slashes of a value (`p=x%2F..%2Fy`), and no
 * reader decodes them. They leave dots as they are, so one that is encoded (`%2e`) is nobody's.
 */
function isTraversalSegment(segment: string): boolean {
  // Most have neither, and every request for a table has its location looked at.
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
