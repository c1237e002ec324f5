// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HIDDEN_TREE_COOKIE, readCookie } from '@/lib/cookies'
import { listShortcuts } from '@/lib/contract/shortcuts'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { ExploreFrame } from './explore-frame'

const call = stubApi()
beforeEach(() => {
  call.mockImplementation((endpoint) =>
    endpoint === listShortcuts ? { favourites: [], visits: [] } : { catalogs: [] },
  )
})

afterEach(cleanup)

const show = (frame: ReactElement) =>
  render(<QueryClientProvider client={new QueryClient()}>{frame}</QueryClientProvider>)

test('The catalog tree can be hidden and shown again, and the choice is stored', async () => {
  show(<ExploreFrame>page</ExploreFrame>)
  await userEvent.click(screen.getByRole('button', { name: 'Hide catalog tree' }))
  expect(screen.queryByRole('navigation', { name: 'Catalogs' })).toBeNull()
  expect(readCookie(HIDDEN_TREE_COOKIE)).toBe('1')
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Show catalog tree' }))
  await userEvent.keyboard('{Enter}')
  expect(screen.getByRole('navigation', { name: 'Catalogs' })).toBeTruthy()
  expect(readCookie(HIDDEN_TREE_COOKIE)).toBeUndefined()
})

test('A hidden catalog tree stays hidden on the next page', () => {
  show(<ExploreFrame isInitiallyHidden>page</ExploreFrame>)
  expect(screen.queryByRole('navigation', { name: 'Catalogs' })).toBeNull()
})
