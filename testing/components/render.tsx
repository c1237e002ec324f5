import { MantineProvider } from '@mantine/core'
import { render as renderAlone } from '@testing-library/react'
import { NuqsTestingAdapter } from 'nuqs/adapters/testing'
import type { ReactElement } from 'react'

/** Renders a component in a test, inside the providers that every page has. `query` is the query of the page's URL. */
export function render(part: ReactElement, { query = '' }: { query?: string } = {}) {
  return renderAlone(part, {
    wrapper: ({ children }) => (
      <MantineProvider env="test">
        <NuqsTestingAdapter hasMemory searchParams={query}>
          {children}
        </NuqsTestingAdapter>
      </MantineProvider>
    ),
  })
}
