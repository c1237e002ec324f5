import { MantineProvider } from '@mantine/core'
import { render as renderAlone } from '@testing-library/react'
import type { ReactElement } from 'react'

/** Renders a part for a test, in what every page stands in. */
export function render(part: ReactElement) {
  return renderAlone(part, { wrapper: ({ children }) => <MantineProvider env="test">{children}</MantineProvider> })
}
