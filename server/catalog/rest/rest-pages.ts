import 'server-only'
import { AppError } from '@/lib/errors'
import { JsonFields } from '@/lib/iceberg/json-fields'
import type { Asked } from '../catalog-client'
import type { Endpoint } from './rest-endpoints'
import { malformed } from './rest-errors'
import type { PathNames } from './rest-paths'
import { ask, type RestSession, readAnswer } from './rest-session'

/** A catalog of more names than this in one namespace is not drawn as a list. */
const MOST_NAMES = 200_000
const MOST_PAGES = 10_000

/**
 * Every page of a list. An empty token asks for the first; a catalog without paging ignores it and gives all.
 *
 * @param read the names of one page
 */
export async function everyPage<T>(
  session: RestSession,
  endpoint: Endpoint,
  { names = {}, query = {}, signal }: Asked & { names?: PathNames; query?: Readonly<Record<string, string>> },
  read: (page: JsonFields) => T[],
): Promise<T[]> {
  const all: T[] = []
  let pageToken = ''
  for (let pages = 1; ; pages += 1) {
    const paging = { pageToken, ...(session.pageSize !== null && { pageSize: String(session.pageSize) }) }
    const asked = { names, query: { ...query, ...paging }, purpose: 'read' as const, ...(signal && { signal }) }
    const { json } = await ask(session, endpoint, asked)
    const { items, next } = readAnswer('its list has another form', () => {
      const page = new JsonFields(json, '')
      return { items: read(page), next: page.has('next-page-token') ? page.text('next-page-token') : '' }
    })
    for (const item of items) all.push(item)
    if (next === '') return all
    if (next === pageToken) throw malformed('its pages never end')
    if (all.length > MOST_NAMES || pages >= MOST_PAGES) {
      throw new AppError('too-large', `The catalog lists more than ${MOST_NAMES} names here.`)
    }
    pageToken = next
  }
}
