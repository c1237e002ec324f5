import { MantineProvider } from '@mantine/core'
import { render as renderAlone } from '@testing-library/react'
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime'
import {
  PathnameContext,
  PathParamsContext,
  SearchParamsContext,
} from 'next/dist/shared/lib/hooks-client-context.shared-runtime'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ContextType, ReactElement } from 'react'
import { PauseShare } from '@/components/ui/use-settled'

type Router = NonNullable<ContextType<typeof AppRouterContext>>

/** The address and the router that Next provides to a page. */
type Navigation = {
  /** The query of the page's URL. */
  query?: string
  pathname?: string
  router?: Partial<Router>
}

const goNowhere = () => {}
/** A part that is loaded later may ask for it long after the test has looked away. */
const ROUTER: Router = {
  back: goNowhere,
  forward: goNowhere,
  refresh: goNowhere,
  push: goNowhere,
  replace: goNowhere,
  prefetch: goNowhere,
  bfcacheId: '0',
}

/** A pause in typing takes a few milliseconds. */
const SHORT_PAUSES = 0.02

export type Surroundings = Navigation & {
  /** For a test that waits for what follows a pause in typing. With it, each key that is typed slowly may be one. */
  hasShortPauses?: boolean
}

/** Renders a component in a test, inside the providers that every page has. */
export function render(
  part: ReactElement,
  { query = '', pathname = '/', router = {}, hasShortPauses = false }: Surroundings = {},
) {
  const fullRouter = { ...ROUTER, ...router }
  const searchParams = new URLSearchParams(query)
  return renderAlone(part, {
    wrapper: ({ children }) => (
      <MantineProvider env="test">
        <AppRouterContext value={fullRouter}>
          <PathnameContext value={pathname}>
            <PathParamsContext value={NO_PARAMS}>
              <SearchParamsContext value={searchParams}>
                <NuqsTestingAdapter hasMemory searchParams={query}>
                  <PauseShare value={hasShortPauses ? SHORT_PAUSES : 1}>{children}</PauseShare>
                </NuqsTestingAdapter>
              </SearchParamsContext>
            </PathParamsContext>
          </PathnameContext>
        </AppRouterContext>
      </MantineProvider>
    ),
  })
}

const NO_PARAMS = {}
