// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Providers } from '@/components/shell/providers'
import { HIDDEN_TREE_COOKIE, readCookie } from '@/lib/cookies'
import { AppError } from '@/lib/errors'
import { listShortcuts } from '@/lib/contract/shortcuts'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { ExploreFrame } from './explore-frame'

let isUp = true
/** The probe of the server. */
const others = async () => new Response(null, { status: isUp ? 200 : 502 })
const call = stubApi({ others })
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

test('The catalog tree that failed during a restart of the server can be retried, and recovers by itself', async () => {
  isUp = false
  call.mockImplementation((endpoint) => {
    if (!isUp) throw new AppError('server-unreachable', 'The server did not respond.')
    return endpoint === listShortcuts ? { favourites: [], visits: [] } : { catalogs: [] }
  })
  render(
    <Providers nonce="" timeZone={null} nowMs={0}>
      <ExploreFrame>page</ExploreFrame>
    </Providers>,
  )
  const tree = await screen.findByRole('navigation', { name: 'Catalogs' })
  expect(await within(tree).findByRole('button', { name: 'Try again' }, { timeout: 5_000 })).toBeTruthy()
  isUp = true
  await waitFor(() => expect(within(tree).queryByRole('button', { name: 'Try again' })).toBeNull(), { timeout: 5_000 })
  expect(await within(tree).findByText('0 catalogs')).toBeTruthy()
})
