import { MantineProvider } from '@mantine/core'
import { render as renderAlone } from '@testing-library/react'
import type { ReactElement } from 'react'

/** Renders a component in a test, inside the providers that every page has. */
export function render(part: ReactElement) {
  return renderAlone(part, { wrapper: ({ children }) => <MantineProvider env="test">{children}</MantineProvider> })
}
