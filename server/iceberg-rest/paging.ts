import 'server-only'
import { AppError } from '@/lib/errors'
import type { PageRequest, Page } from '@/server/catalog/port/catalog-lists'

const MAX_PAGE_SIZE = 1_000

/**
 * Reads a page of a list as the specification says: without `pageToken` in the query it returns everything, and an
 * empty `pageToken` requests the first page. A token is the last name of the previous page, so names that are added or
 * removed between pages cause no repeats and no gaps.
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
  const size = /^\d{1,100}$/.test(text) ? Number(text) : 0
  if (size < 1)
    throw new AppError('invalid-request', 'pageSize must be a whole number above zero, of at most 100 digits.')
  return Math.min(size, MAX_PAGE_SIZE)
}

function encodePageToken(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function decodePageToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (encodePageToken(text) !== token) throw new AppError('invalid-request', 'This pageToken is not valid.')
  return text
}
