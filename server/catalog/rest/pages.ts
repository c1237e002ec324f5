import 'server-only'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { MAX_LIST_CHARS } from './http/response-limits'
import type { Endpoint } from './http/endpoints'
import { malformedResponseError } from './http/errors'
import type { PathNames } from './http/paths'
import { callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import type { Json } from '@/lib/iceberg/json/json'
import type { ListOptions } from '../port/catalog-lists'

/** A namespace with more names than this cannot be shown as a list. */
const MAX_NAMES = 200_000
const MAX_PAGES = 10_000

type ListRequest = ReadOptions &
  Pick<ListOptions, 'maxRemoteNames' | 'onTruncated'> & {
    names?: PathNames
    query?: Readonly<Record<string, string>>
    /** The field that contains the names. */
    list: 'namespaces' | 'identifiers'
  }

/**
 * Reads every page of a list, or pages until it has `maxRemoteNames`. An empty token requests the first page; a catalog without paging ignores it and returns
 * everything.
 *
 * @param read parses one item
 */
export async function fetchAllPages<T>(
  session: RestSession,
  endpoint: Endpoint,
  { names = {}, query = {}, list, signal, firstByteDeadlineMs, maxRemoteNames, onTruncated }: ListRequest,
  read: (item: { json: Json; path: string }) => T,
): Promise<T[]> {
  const all: T[] = []
  const requestedTokens = new Set<string>()
  let chars = 0
  for (let pageToken = ''; ; ) {
    requestedTokens.add(pageToken)
    const paging = { pageToken, ...(session.pageSize !== null && { pageSize: String(session.pageSize) }) }
    const response = await callEndpoint(session, endpoint, {
      names,
      query: { ...query, ...paging },
      purpose: 'read',
      ...(signal && { signal }),
      ...(requestedTokens.size === 1 && firstByteDeadlineMs !== undefined && { firstByteDeadlineMs }),
    })
    const { items, next } = readResponse('its list has an unexpected form', () => {
      const page = new JsonFields(response.json, '')
      // The response of a proxy must not count as an empty list.
      page.require(list)
      return {
        items: page.items(list).map(read),
        next: page.has('next-page-token') ? page.text('next-page-token') : '',
      }
    })
    chars += response.chars
    if (chars > MAX_LIST_CHARS) {
      throw new AppError(
        'too-large',
        `The catalog's list is longer than ${formatBytes(MAX_LIST_CHARS)}, the limit for lists.`,
      )
    }
    for (const item of items) all.push(item)
    if (all.length > MAX_NAMES || requestedTokens.size > MAX_PAGES) {
      throw new AppError('too-large', `The catalog lists more than ${MAX_NAMES} names here.`)
    }
    if (next === '') return all
    if (maxRemoteNames !== undefined && all.length >= maxRemoteNames) {
      onTruncated?.()
      return all
    }
    if (requestedTokens.has(next)) throw malformedResponseError('it repeats the token of an earlier page')
    pageToken = next
  }
}
