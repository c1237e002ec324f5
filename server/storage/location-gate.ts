import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * The one gate every location passes before a file is touched: it must be inside one of the allowed roots. Locations
 * come from metadata, manifests and requests that others wrote; they are compared as text here, and the local store
 * looks for symlinks when it opens.
 *
 * A location is not percent-decoded: Iceberg's writers put already encoded partition values into file names, and
 * read them back as they are.
 */

/** `path` is absolute, without empty segments and without a slash at the end; `key` is exactly as written. */
export type ParsedLocation = { scheme: 'file'; path: string } | { scheme: 's3'; bucket: string; key: string }

/** `file:///…`, `file:/…` or a bare absolute path, as Hadoop, Java and PyIceberg write them. */
const LOCAL = /^(?:file:\/\/|file:)?(\/(?!\/).*)$/is
/** Hadoop's names for S3 mean the same objects. A bucket becomes part of an address, so nothing else may be in it. */
const S3 = /^s3[an]?:\/\/([a-z0-9](?:[a-z0-9_-]|\.(?!\.)){1,253}[a-z0-9])(?:\/(.*))?$/is

/**
 * What a location names, or null for one that is not plainly a file or an object: another scheme, `.` or `..` as a
 * segment or hidden in `%2e`, a backslash, a control character.
 */
export function parsedLocation(location: string): ParsedLocation | null {
  if (hasControlCharacter(location) || location.includes('\\') || !location.isWellFormed()) return null
  const path = LOCAL.exec(location)?.[1]
  if (path !== undefined) {
    const segments = path.split('/').filter((segment) => segment !== '')
    return segments.some(climbs) ? null : { scheme: 'file', path: `/${segments.join('/')}` }
  }
  const [, bucket, key = ''] = S3.exec(location) ?? []
  if (bucket === undefined) return null
  // An empty segment is part of an object's name: to leave it out would be to speak of another object.
  return key.split('/').some(climbs) ? null : { scheme: 's3', bucket, key }
}

/**
 * @param roots folders as `file:///…` locations
 * @returns the absolute path, without empty segments and without a slash at the end
 * @throws {AppError} forbidden, in words that tell nothing about what is there
 */
export function localPathOf(location: string, roots: readonly string[]): string {
  const parsed = admitted(location, roots)
  if (parsed.scheme !== 'file') throw notUsable(location)
  return parsed.path
}

/**
 * @param roots `s3://bucket` or `s3://bucket/prefix`
 * @returns the bucket and the object's key, which is empty for the bucket itself
 * @throws {AppError} forbidden, in words that tell nothing about what is there
 */
export function s3ObjectOf(location: string, roots: readonly string[]): { bucket: string; key: string } {
  const parsed = admitted(location, roots)
  if (parsed.scheme !== 's3') throw notUsable(location)
  return { bucket: parsed.bucket, key: parsed.key }
}

/** How many characters of path the longest root has that a location is inside of; null when it is outside all. */
export function rootLength(location: string, roots: readonly string[]): number | null {
  const parsed = parsedLocation(location)
  if (!parsed) return null
  const lengths = roots.flatMap((text) => {
    const root = parsedLocation(text)
    return root && isInside(parsed, root) ? [pathOf(root).length] : []
  })
  return lengths.length === 0 ? null : Math.max(...lengths)
}

/** The ways in which writers put one location down, without a slash at the end; of one that is none, as it is. */
export function spellingsOf(location: string): string[] {
  const parsed = parsedLocation(location)
  if (!parsed) return [location]
  if (parsed.scheme === 'file') return ['file://', 'file:', ''].map((start) => start + parsed.path)
  const rest = [parsed.bucket, ...(parsed.key === '' ? [] : [pathOf(parsed)])].join('/')
  return ['s3', 's3a', 's3n'].map((scheme) => `${scheme}://${rest}`)
}

function admitted(location: string, roots: readonly string[]): ParsedLocation {
  const parsed = parsedLocation(location)
  if (!parsed) throw notUsable(location)
  if (rootLength(location, roots) === null) {
    throw new AppError('forbidden', 'This location is outside the warehouse.', { facts: { location } })
  }
  return parsed
}

function notUsable(location: string): AppError {
  return new AppError('forbidden', 'This location is not one Lakeshore may use.', { facts: { location } })
}

function isInside(location: ParsedLocation, root: ParsedLocation): boolean {
  if (location.scheme === 's3') {
    if (root.scheme !== 's3' || location.bucket !== root.bucket) return false
    if (pathOf(root) === '') return true
  } else if (root.scheme !== 'file' || root.path === '/') {
    // The file system as a whole is no root.
    return false
  }
  return pathOf(location) === pathOf(root) || pathOf(location).startsWith(`${pathOf(root)}/`)
}

function pathOf(location: ParsedLocation): string {
  return location.scheme === 'file' ? location.path : location.key.replace(/\/+$/, '')
}

/** Whether a segment leads elsewhere, also for who decodes it. */
function climbs(segment: string): boolean {
  return /%2e/i.test(segment) || segment.split(/%2f|%5c/i).some((part) => part === '.' || part === '..')
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\x7F') return true
  return false
}
