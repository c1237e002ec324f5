import { InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { askAnew } from '@/lib/asked-anew'
import { listCatalogs } from '@/lib/contract/catalogs'
import { call } from './call'
import { namespacesQuery, tableSummariesQuery } from './namespaces'

const asked: string[] = []

beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', async (address: string, { method }: RequestInit) => {
    asked.push(`${method} ${address}`)
    if (method === 'POST') return Response.json({})
    const told = { title: 'x', code: 'catalog-unavailable', detail: 'Nothing.', facts: {}, requestId: 'r' }
    return Response.json({ type: 'about:blank', status: 503, ...told }, { status: 503 })
  })
})
afterEach(() => vi.unstubAllGlobals())

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
const ANEW = 'POST /api/v1/catalogs/far/ask-anew'

it('Who tries again has the catalog asked at once; who asks by the way has not', async () => {
  const LIST = 'GET /api/v1/catalogs/far/namespaces'
  const observer = new QueryObserver(client(), namespacesQuery('far', null))
  const stop = observer.subscribe(() => {})
  await observer.refetch()
  expect(new Set(asked)).toEqual(new Set([LIST]))
  asked.length = 0
  askAnew(() => void observer.refetch())
  await vi.waitFor(() => expect(asked).toEqual([ANEW, LIST]))
  await observer.refetch()
  expect(asked).toEqual([ANEW, LIST, LIST])
  stop()
})

it('Who tries again for a list of many pages has the catalog asked at once too', async () => {
  const observer = new InfiniteQueryObserver(client(), tableSummariesQuery('far', ['demo']))
  askAnew(() => void observer.refetch())
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  expect(asked[0]).toBe(ANEW)
})

it('What is about no one catalog is asked as ever', async () => {
  const calls: Promise<unknown>[] = []
  askAnew(() => calls.push(call(listCatalogs, {})))
  await Promise.allSettled(calls)
  expect(asked).toEqual(['GET /api/v1/catalogs'])
})
