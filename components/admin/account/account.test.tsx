// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { ADMIN_SESSION, answeringFetch } from '@/testing/components/access-api'
import { render } from '@/testing/components/render'
import { Account } from './account'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderFor(hasPassword: boolean) {
  const { fetch } = answeringFetch({
    'GET /api/v1/session': () => ({ ...ADMIN_SESSION, hasPassword }),
    'GET /api/v1/credentials': () => ({ credentials: [] }),
    'GET /api/v1/access-requests': () => ({ requests: [], openCount: 0, isTruncated: false }),
  })
  vi.stubGlobal('fetch', fetch)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <Account />
    </QueryClientProvider>,
  )
}

it('A user with a password can change it', async () => {
  renderFor(true)
  expect(await screen.findByText('m.keller')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Change password' })).toBeTruthy()
})

it('A user of an identity provider is offered no change of a password', async () => {
  renderFor(false)
  expect(await screen.findByText(/have no password here/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Change password' })).toBeNull()
})
