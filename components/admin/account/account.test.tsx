// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
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
    'POST /api/v1/session/password': () => {
      throw new TypeError('Failed to fetch')
    },
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

it('The form of a password keeps its input when the server cannot be reached', async () => {
  renderFor(true)
  await screen.findByText('m.keller')
  await userEvent.type(screen.getByLabelText('Current password'), 'what it was')
  await userEvent.type(screen.getByLabelText('New password'), 'what it shall be')
  await userEvent.click(screen.getByRole('button', { name: 'Change password' }))
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('Lakeshore does not answer')
  expect(note.textContent).toContain('It is not known whether this was carried out.')
  expect(screen.getByLabelText('Current password')).toHaveProperty('value', 'what it was')
  expect(screen.getByLabelText('New password')).toHaveProperty('value', 'what it shall be')
})

it('A user of an identity provider is offered no change of a password', async () => {
  renderFor(false)
  expect(await screen.findByText(/have no password here/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Change password' })).toBeNull()
})
