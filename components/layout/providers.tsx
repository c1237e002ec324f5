'use client'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useState } from 'react'
import { TimeZoneProvider } from '@/components/ui/values/use-time-zone'
import type { TimeZoneChoice } from '@/lib/time-zone'
import { shouldRetryQuery } from './should-retry-query'
import { cssVariablesResolver, theme } from './theme/theme'

/** How long a response counts as fresh: a page that is opened again within this time sends no request. */
const STALE_TIME_MS = 15_000

/**
 * The providers around every page: theme, time zone, server state and URL state.
 *
 * @param nonce of the response's Content-Security-Policy, for Mantine's style elements; empty without one
 * @param timeZone as the request's cookie says
 */
export function Providers({
  nonce,
  timeZone,
  children,
}: {
  nonce: string
  timeZone: TimeZoneChoice
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
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <TimeZoneProvider initial={timeZone}>
          <NuqsAdapter>{children}</NuqsAdapter>
        </TimeZoneProvider>
      </MantineProvider>
    </QueryClientProvider>
  )
}
