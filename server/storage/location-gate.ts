import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * The one gate every location passes before a file is touched: it must be a local file inside one of the allowed
 * roots. Locations come from metadata, manifests and requests that others wrote; they are compared as text here,
 * and the store looks for symlinks when it opens.
 *
 * A location is not percent-decoded: Iceberg's writers put already encoded partition values into file names, and
 * read them back as they are.
 */

/** `file:///…`, `file:/…` or a bare absolute path, as Hadoop, Java and PyIceberg write them. */
const LOCAL = /^(?:file:\/\/|file:)?(\/(?!\/).*)$/is

/**
 * @param roots folders as `file:///…` locations
 * @returns the absolute path, without empty segments and without a slash at the end
 * @throws {AppError} forbidden, in words that tell nothing about what is there
 */
export function localPathOf(location: string, roots: readonly string[]): string {
  const path = pathOf(location)
  if (path === null)
    throw new AppError('forbidden', 'This location is not one Lakeshore may use.', { facts: { location } })
  if (!roots.some((root) => isInside(path, pathOf(root) ?? ''))) {
    throw new AppError('forbidden', 'This location is outside the warehouse.', { facts: { location } })
  }
  return path
}

/** Null for what is not plainly a local absolute path. */
function pathOf(location: string): string | null {
  if (hasControlCharacter(location) || !location.isWellFormed()) return null
  const path = LOCAL.exec(location)?.[1]
  if (path === undefined) return null
  const segments = path.split('/').filter((segment) => segment !== '')
  if (segments.some((segment) => segment === '.' || segment === '..' || /%2e/i.test(segment))) return null
  return `/${segments.join('/')}`
}

function isInside(path: string, root: string): boolean {
  return path === root || (root.length > 1 && path.startsWith(`${root}/`))
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\x7F') return true
  return false
}
