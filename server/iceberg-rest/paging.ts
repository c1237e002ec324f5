import 'server-only'
import { AppError } from '@/lib/errors'
import type { PageRequest, Page } from '@/server/catalog/catalog-client'

const MAX_PAGE_SIZE = 1_000

/**
 * A page of a list, as the specification pages: without `pageToken` in the query everything is answered; the first page
 * has an empty one. A token is the last name of the page before, so what comes or goes meanwhile neither repeats nor
 * skips a name.
 *
 * @throws {AppError} invalid-request
 */
export async function readPage<Item>(
  query: URLSearchParams,
  list: { all: () => Promise<readonly Item[]>; page: (page: PageRequest) => Promise<Page<Item>> },
): Promise<{ items: readonly Item[]; nextPageToken: string | null }> {
  const token = query.get('pageToken')
  if (token === null) return { items: await list.all(), nextPageToken: null }
  const { items, next } = await list.page({
    after: token === '' ? null : decodePageToken(token),
    limit: parsePageSize(query),
  })
  return { items, nextPageToken: next === null ? null : encodePageToken(next) }
}

function parsePageSize(query: URLSearchParams): number {
  const text = query.get('pageSize')
  if (text === null) return MAX_PAGE_SIZE
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (size < 1) throw new AppError('invalid-request', 'pageSize is a whole number above zero.')
  return Math.min(size, MAX_PAGE_SIZE)
}

function encodePageToken(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function decodePageToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (encodePageToken(text) !== token) throw new AppError('invalid-request', 'This pageToken was not made here.')
  return text
}
