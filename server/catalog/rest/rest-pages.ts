import 'server-only'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { JsonFields } from '@/lib/iceberg/json-fields'
import type { Json } from '@/lib/iceberg/types'
import { MAX_LIST_CHARS } from './answer-sizes'
import type { Endpoint } from './rest-endpoints'
import { malformed } from './rest-errors'
import type { PathNames } from './rest-paths'
import { ask, type Reading, type RestSession, readAnswer } from './rest-session'

/** A catalog of more names than this in one namespace is not drawn as a list. */
const MOST_NAMES = 200_000
const MOST_PAGES = 10_000

type AskedForList = Reading & {
  names?: PathNames
  query?: Readonly<Record<string, string>>
  /** The field that holds the names. */
  list: 'namespaces' | 'identifiers'
}

/**
 * Every page of a list. An empty token asks for the first; a catalog without paging ignores it and gives all.
 *
 * @param read the name of one item
 */
export async function everyPage<T>(
  session: RestSession,
  endpoint: Endpoint,
  { names = {}, query = {}, list, signal, heardByMs }: AskedForList,
  read: (item: { json: Json; where: string }) => T,
): Promise<T[]> {
  const all: T[] = []
  const asked = new Set<string>()
  let chars = 0
  for (let pageToken = ''; ; ) {
    asked.add(pageToken)
    const paging = { pageToken, ...(session.pageSize !== null && { pageSize: String(session.pageSize) }) }
    const answer = await ask(session, endpoint, {
      names,
      query: { ...query, ...paging },
      purpose: 'read',
      ...(signal && { signal }),
      ...(asked.size === 1 && heardByMs !== undefined && { heardByMs }),
    })
    const { items, next } = readAnswer('its list has another form', () => {
      const page = new JsonFields(answer.json, '')
      // What some proxy answers is no empty list.
      page.require(list)
      return {
        items: page.items(list).map(read),
        next: page.has('next-page-token') ? page.text('next-page-token') : '',
      }
    })
    chars += answer.chars
    if (chars > MAX_LIST_CHARS) {
      throw new AppError(
        'too-large',
        `The catalog's list is longer than the ${formatBytes(MAX_LIST_CHARS)} that are read.`,
      )
    }
    for (const item of items) all.push(item)
    if (all.length > MOST_NAMES || asked.size > MOST_PAGES) {
      throw new AppError('too-large', `The catalog lists more than ${MOST_NAMES} names here.`)
    }
    if (next === '') return all
    if (asked.has(next)) throw malformed('its pages never end')
    pageToken = next
  }
}
