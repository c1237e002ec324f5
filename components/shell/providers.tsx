'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useEffect, useState } from 'react'
import { InitialNow } from '@/components/ui/values/use-now'
import { TimeZoneProvider } from '@/components/ui/values/use-time-zone'
import { watchOutages } from '@/lib/client/call/watch-outages'
import type { TimeZoneChoice } from '@/lib/time-zone'
import { shouldRetryQuery } from './should-retry-query'
import { MantineRoot } from './theme/mantine-root'

/** How long a response counts as fresh: a page that is opened again within this time sends no request. */
const STALE_TIME_MS = 15_000

/**
 * The providers around every page of the console: theme, time, server state and URL state.
 *
 * @param nonce of the response's Content-Security-Policy; empty without one
 * @param timeZone from the request's cookie, or null
 * @param nowMs when the server rendered the page
 */
export function Providers({
  nonce,
  timeZone,
  nowMs,
  children,
}: {
  nonce: string
  timeZone: TimeZoneChoice | null
  nowMs: number
  children: ReactNode
}) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // Offline, a server on this machine still answers. A remote server is reported as unreachable.
          queries: {
            staleTime: STALE_TIME_MS,
            retry: shouldRetryQuery,
            refetchOnWindowFocus: true,
            networkMode: 'always',
          },
          mutations: { networkMode: 'always' },
        },
      }),
  )
  useEffect(() => watchOutages(queryClient), [queryClient])
  return (
    <QueryClientProvider client={queryClient}>
      <MantineRoot nonce={nonce}>
        <TimeZoneProvider initial={timeZone}>
          <InitialNow value={nowMs}>
            <NuqsAdapter>{children}</NuqsAdapter>
          </InitialNow>
        </TimeZoneProvider>
      </MantineRoot>
    </QueryClientProvider>
  )
}
