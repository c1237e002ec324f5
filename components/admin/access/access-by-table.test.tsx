// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { ADMIN_SESSION, answeringFetch, sampleGrant } from '@/testing/components/access-api'
import { render } from '@/testing/components/render'
import { AccessByTable } from './access-by-table'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderPage(answers: Parameters<typeof answeringFetch>[0]) {
  const { fetch, requests } = answeringFetch(answers)
  vi.stubGlobal('fetch', fetch)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <AccessByTable />
    </QueryClientProvider>,
    { query: 'catalog=lake&namespace=finance&table=ledger' },
  )
  return requests
}

it('shows who may do what with the table of the address and why, and grants on it', async () => {
  const LEDGER = { catalog: 'lake', namespace: ['finance'], table: 'ledger' }
  const byGroup = sampleGrant({ grantId: 'g-1', holder: { kind: 'group', id: 'g-finance', name: 'finance' } })
  const person = { userId: 'u-ruiz', username: 'a.ruiz', displayName: null, isDisabled: false }
  const requests = renderPage({
    'GET /api/v1/session': () => ADMIN_SESSION,
    'GET /api/v1/access': () => ({ users: [{ ...person, role: 'editor', grants: [byGroup] }], next: null }),
    'GET /api/v1/grants': () => ({ grants: [], next: null }),
    'GET /api/v1/grant-holders': () => ({
      holders: [{ kind: 'group', id: 'g-finance', name: 'finance' }],
      isTruncated: false,
    }),
    'POST /api/v1/grants': () => sampleGrant({ resource: LEDGER }),
  })
  const people = await screen.findByRole('table', { name: 'Who has access' })
  const row = within(people).getAllByRole('row')[1]
  expect(row?.textContent).toBe('a.ruizyesyesyesyes–nofinance')
  await userEvent.click(screen.getByRole('button', { name: 'Grant' }))
  const dialog = await screen.findByRole('dialog', { name: 'Grant on lake.finance.ledger' })
  await userEvent.type(within(dialog).getByRole('combobox', { name: 'User or group' }), 'finance (group)')
  const submit = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Grant' })
  await waitFor(() => expect(submit.disabled).toBe(false))
  await userEvent.click(submit)
  await waitFor(() => expect(requests.some(({ method }) => method === 'POST')).toBe(true))
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    ...LEDGER,
    namespace: 'finance',
    holder: { kind: 'group', id: 'g-finance' },
    role: 'viewer',
  })
})

it('reads the users who may here page by page, also after a page without any', async () => {
  const person = { userId: 'u-zoe', username: 'zoe', displayName: null, isDisabled: false, role: 'viewer' }
  renderPage({
    'GET /api/v1/session': () => ADMIN_SESSION,
    'GET /api/v1/access': ({ query }) =>
      query['after'] === 'mia' ? { users: [{ ...person, grants: [] }], next: null } : { users: [], next: 'mia' },
    'GET /api/v1/grants': () => ({ grants: [], next: null }),
  })
  expect(await screen.findByText(/^None of the users read so far/)).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Show more people' }))
  expect(await screen.findByRole('link', { name: 'zoe' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Show more people' })).toBeNull()
})

it('shows nothing to a user who does not decide who may here', async () => {
  const session = { ...ADMIN_SESSION, role: null, permissions: [] }
  const requests = renderPage({
    'GET /api/v1/session': () => session,
    'GET /api/v1/access': () => new Response('no', { status: 403 }),
    'GET /api/v1/grants': () => new Response('no', { status: 403 }),
  })
  expect(await screen.findByText(/^Only admins of lake\.finance\.ledger/)).toBeTruthy()
  expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
})
