import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { namespaceContentsQuery, namespacesQuery } from '../namespaces'
import { retryFetch } from './retry'

/** For each request, the header that says whether the user tries again. */
const sentHeaders: [address: string, cacheControl: string | null][] = []

beforeEach(() => {
  sentHeaders.length = 0
  vi.stubGlobal('fetch', async (address: string, { headers }: RequestInit) => {
    sentHeaders.push([address, new Headers(headers).get('cache-control')])
    const cacheHeaders = { title: 'x', code: 'catalog-unavailable', detail: 'Nothing.', facts: {}, requestId: 'r' }
    return Response.json({ type: 'about:blank', status: 503, ...cacheHeaders }, { status: 503 })
  })
})
afterEach(() => vi.unstubAllGlobals())

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })

it('Only the request of a user’s retry says so, none before or after', async () => {
  const LIST = '/api/v1/catalogs/far/namespaces'
  const observer = new QueryObserver(client(), namespacesQuery('far', null))
  const stop = observer.subscribe(() => {})
  await observer.refetch()
  expect(new Set(sentHeaders.map(([, cacheControl]) => cacheControl))).toEqual(new Set([null]))
  sentHeaders.length = 0
  retryFetch(observer.refetch)
  await vi.waitFor(() => expect(sentHeaders).toEqual([[LIST, 'no-cache']]), 25_000)
  await vi.waitFor(() => expect(observer.getCurrentResult().fetchStatus).toBe('idle'), 25_000)
  await observer.refetch()
  expect(sentHeaders).toEqual([
    [LIST, 'no-cache'],
    [LIST, null],
  ])
  stop()
})

it('The requests of a paged list say so too', async () => {
  const observer = new InfiniteQueryObserver(client(), namespaceContentsQuery('far', ['demo']))
  retryFetch(observer.refetch)
  const sent = [[expect.stringContaining('/contents'), 'no-cache']]
  await vi.waitFor(() => expect(sentHeaders).toEqual(sent), 25_000)
})
