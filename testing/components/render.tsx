import { MantineProvider } from '@mantine/core'
import { render as renderAlone } from '@testing-library/react'
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ContextType, ReactElement } from 'react'

const goNowhere = () => {}
/** A part that is loaded later may ask for it long after the test has looked away. */
const ROUTER: ContextType<typeof AppRouterContext> = {
  back: goNowhere,
  forward: goNowhere,
  refresh: goNowhere,
  push: goNowhere,
  replace: goNowhere,
  prefetch: goNowhere,
  bfcacheId: '0',
}

/** Renders a component in a test, inside the providers that every page has. `query` is the query of the page's URL. */
export function render(part: ReactElement, { query = '' }: { query?: string } = {}) {
  return renderAlone(part, {
    wrapper: ({ children }) => (
      <MantineProvider env="test">
        <AppRouterContext.Provider value={ROUTER}>
          <NuqsTestingAdapter hasMemory searchParams={query}>
            {children}
          </NuqsTestingAdapter>
        </AppRouterContext.Provider>
      </MantineProvider>
    ),
  })
}
