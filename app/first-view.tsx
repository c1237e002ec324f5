import 'server-only'
import { dehydrate, HydrationBoundary, QueryClient, type QueryKey } from '@tanstack/react-query'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import type { PageTransport } from '@/lib/api/request'
import { setPageTransport } from '@/lib/client/call/page-transport'
import { fetchForPage } from '@/server/program/fetch-for-page'
import { PAGE_ADDRESS_HEADER } from '@/server/program/page-address'
import { readTimeZone } from './page-clock'

/** How long a page waits for data. Slower data is left to the browser, which shows that it is reading. */
const TIME_BUDGET_MS = 400

/** A longer response, in characters, would delay the page more than a separate request. */
const MAX_RESPONSE_CHARS = 200_000

/** Queries of `lib/client`, as components use them; or a function for a query that depends on another. */
type FirstViewQueries = readonly { queryKey: QueryKey }[] | ((client: QueryClient) => Promise<void>)

/**
 * Puts the data of a page's first view into the page: the queries are answered for the signed-in user by the program,
 * with all its checks, and React Query finds their results in the browser. Failed, slow and large responses are left
 * out: the browser requests them as usual and shows the problem.
 *
 * Only a page load gets data. A navigation within the console shows at once the data that the browser has.
 */
export async function FirstView({ queries, children }: { queries: FirstViewQueries; children: ReactNode }) {
  if (!(await isPageLoad())) return children
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  setPageTransport(client, fetchShortResponse)
  await Promise.race([prefetchAll(client, queries), wait(TIME_BUDGET_MS)])
  await client.cancelQueries()
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>
}

/** The address of the page. Next does not pass a page's path and query to its layouts. */
export async function pageAddress(): Promise<URL> {
  return new URL((await headers()).get(PAGE_ADDRESS_HEADER) ?? '/', 'http://page.invalid')
}

/** Never rejects: a failed query has no data. The program has logged why, and the browser shows its own failure. */
async function prefetchAll(client: QueryClient, queries: FirstViewQueries): Promise<void> {
  if (typeof queries === 'function') return queries(client).catch(() => undefined)
  await Promise.all(
    queries.map((query) =>
      'initialPageParam' in query
        ? client.prefetchInfiniteQuery(query as Parameters<QueryClient['prefetchInfiniteQuery']>[0])
        : client.prefetchQuery(query),
    ),
  )
}

const fetchShortResponse: PageTransport = async (endpoint, url, init) => {
  const response = await fetchForPage(endpoint, url, init)
  const text = await response.text()
  if (text.length > MAX_RESPONSE_CHARS) throw new Error(`The response of ${url} is too long for a page.`)
  return new Response(text, response)
}

/**
 * Whether a browser loads the page, in a known time zone: times in the page must be those that the browser would show.
 * Next's own requests for a part of a page accept no HTML.
 */
async function isPageLoad(): Promise<boolean> {
  return (await readTimeZone()) !== null && ((await headers()).get('accept') ?? '').includes('text/html')
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
