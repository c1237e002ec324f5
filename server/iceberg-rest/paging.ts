import 'server-only'
import { AppError } from '@/lib/errors'
import type { NamePage, Page } from '@/server/catalog/catalog-client'

const LARGEST_PAGE = 1_000

/**
 * A page of a list, as the specification pages: without `pageToken` in the query everything is answered; the first page
 * has an empty one. A token is the last name of the page before, so what comes or goes meanwhile neither repeats nor
 * skips a name.
 *
 * @throws {AppError} invalid-request
 */
export async function pageOf<Item>(
  query: URLSearchParams,
  list: { whole: () => Promise<readonly Item[]>; page: (page: NamePage) => Promise<Page<Item>> },
): Promise<{ items: readonly Item[]; nextPageToken: string | null }> {
  const token = query.get('pageToken')
  if (token === null) return { items: await list.whole(), nextPageToken: null }
  const { items, next } = await list.page({ after: token === '' ? null : textOf(token), limit: pageSizeOf(query) })
  return { items, nextPageToken: next === null ? null : tokenOf(next) }
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
