import 'server-only'
import { AppError } from '@/lib/errors'

const LARGEST_PAGE = 1_000

/**
 * A page of names in order, as the specification pages: without `pageToken` in the query everything is answered; the
 * first page has an empty one. A token is the last name of the page before, so what comes or goes meanwhile neither
 * repeats nor skips a name. Pages are in the order of UTF-16, in which keys are compared here, whatever the order of
 * the list: a database compares bytes of UTF-8, which is another order beyond U+D7FF.
 *
 * @param items with a key each
 * @throws {AppError} invalid-request
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  query: URLSearchParams,
): { items: readonly Item[]; nextPageToken: string | null } {
  const token = query.get('pageToken')
  if (token === null) return { items, nextPageToken: null }
  const after = token === '' ? null : textOf(token)
  const left = after === null ? items : items.filter((item) => keyOf(item) > after)
  const rest = left.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const page = rest.slice(0, pageSizeOf(query))
  const last = page.at(-1)
  const isLast = page.length === rest.length
  return { items: page, nextPageToken: isLast || last === undefined ? null : tokenOf(keyOf(last)) }
}

function pageSizeOf(query: URLSearchParams): number {
  const asked = query.get('pageSize')
  if (asked === null) return LARGEST_PAGE
  const size = /^\d{1,9}$/.test(asked) ? Number(asked) : 0
  if (size < 1) throw new AppError('invalid-request', 'pageSize is a whole number above zero.')
  return Math.min(size, LARGEST_PAGE)
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function textOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (tokenOf(text) !== token) throw new AppError('invalid-request', 'This pageToken was not made here.')
  return text
}
