'use client'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useState } from 'react'
import { shouldRetryQuery } from './should-retry-query'
import { cssVariablesResolver, theme } from './theme/theme'

/** How long an answer counts as fresh: a page that comes back within it draws without asking. */
const STALE_TIME_MS = 15_000

/**
 * What every page stands in: theme, server state, address state.
 *
 * @param nonce of this answer's Content-Security-Policy, for the style elements Mantine writes; empty without one
 */
export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // Without a network the lake on this very machine still answers, and one elsewhere is told to be unreachable.
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
        <NuqsAdapter>{children}</NuqsAdapter>
      </MantineProvider>
    </QueryClientProvider>
  )
}
