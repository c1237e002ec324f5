// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { ROLE_PERMISSIONS } from '@/lib/permissions'
import { ADMIN_SESSION, answeringFetch, sampleRequest } from '@/testing/components/access-api'
import { render } from '@/testing/components/render'
import { OpenRequestsPanel } from './open-requests-panel'
import { OwnRequestsPanel } from './own-requests-panel'
import { RequestAccessButton } from './request-access-button'

const LEDGER = { catalog: 'lake', namespace: ['finance'], table: 'ledger' }
const own = (fields: Parameters<typeof sampleRequest>[0] = {}) =>
  sampleRequest({ isOwn: true, canDecide: false, ...fields })

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderWith(part: ReactElement, answers: Parameters<typeof answeringFetch>[0]) {
  const { fetch, requests } = answeringFetch(answers)
  vi.stubGlobal('fetch', fetch)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(<QueryClientProvider client={client}>{part}</QueryClientProvider>)
  return requests
}

const viewerSession = () => ({ ...ADMIN_SESSION, role: 'viewer', permissions: ROLE_PERMISSIONS.viewer })

it('sends a request with a role and a note, and says where the answer will be', async () => {
  let open: unknown[] = []
  const requests = renderWith(<RequestAccessButton on={LEDGER} />, {
    'GET /api/v1/session': viewerSession,
    'GET /api/v1/access-requests': () => ({ requests: open, isTruncated: false }),
    'POST /api/v1/access-requests': () => {
      open = [own()]
      return own()
    },
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Request access…' }))
  const dialog = await screen.findByRole('dialog', { name: 'Request access to lake.finance.ledger' })
  // A viewer needs no request for permissions that they already have.
  expect(within(dialog).getAllByRole('radio')).toHaveLength(1)
  await userEvent.type(await within(dialog).findByRole('textbox', { name: 'Note' }), 'Month end')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Send request' }))
  expect(await within(dialog).findByText(/Your request for editor was sent/)).toBeTruthy()
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    ...LEDGER,
    namespace: 'finance',
    role: 'editor',
    note: 'Month end',
  })
})

it('says that there is an open request already', async () => {
  renderWith(<RequestAccessButton on={LEDGER} />, {
    'GET /api/v1/session': viewerSession,
    'GET /api/v1/access-requests': () => ({ requests: [own()], isTruncated: false }),
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Request access…' }))
  expect(await screen.findByText(/You have an open request for it already/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Send request' })).toBeNull()
})

it('offers no request to a user who may read and change it', async () => {
  const requests = renderWith(<RequestAccessButton on={LEDGER} />, { 'GET /api/v1/session': () => ADMIN_SESSION })
  await waitFor(() => expect(requests).toHaveLength(1))
  expect(screen.queryByRole('button')).toBeNull()
})

it('lets an admin grant or refuse a request with a comment', async () => {
  let open = [
    sampleRequest(),
    own({ accessRequestId: 'r-3' }),
    sampleRequest({ accessRequestId: 'r-2', role: 'viewer', note: '' }),
  ]
  const requests = renderWith(<OpenRequestsPanel />, {
    'GET /api/v1/access-requests': () => ({ requests: open, isTruncated: false }),
    'GET /api/v1/access-requests/missing': () => ({ accessRequestIds: ['r-2'] }),
    'POST /api/v1/access-requests/r-1/decision': () => {
      open = open.slice(1)
      return sampleRequest({ state: 'granted' })
    },
    'POST /api/v1/access-requests/r-2/decision': () => new Response('gone', { status: 502 }),
  })
  expect(await screen.findByText('2 requests waiting for your decision')).toBeTruthy()
  const first = screen.getByRole('listitem', { name: 'editor on lake.finance.ledger for a.ruiz' })
  const second = screen.getByRole('listitem', { name: /^viewer/ })
  expect(await within(second).findByText('no such table or view today')).toBeTruthy()
  expect(within(first).queryByText(/no such/)).toBeNull()
  await userEvent.type(within(first).getByRole('textbox'), 'Until Friday')
  await userEvent.click(within(first).getByRole('button', { name: /^Grant/ }))
  expect(await screen.findByText('1 request waiting for your decision')).toBeTruthy()
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    outcome: 'granted',
    comment: 'Until Friday',
  })
  await userEvent.click(screen.getByRole('button', { name: /^Refuse viewer/ }))
  expect((await screen.findByRole('alert')).textContent).toContain('It is not known whether this was carried out.')
})

it('says that no request waits for the admin', async () => {
  renderWith(<OpenRequestsPanel />, { 'GET /api/v1/access-requests': () => ({ requests: [], isTruncated: false }) })
  expect(await screen.findByText('No requests waiting for your decision')).toBeTruthy()
})

it('tells users without a request where they can make one', async () => {
  renderWith(<OwnRequestsPanel />, { 'GET /api/v1/access-requests': () => ({ requests: [], isTruncated: false }) })
  expect(await screen.findByText(/^You have no requests\. .*its page has Request access\.$/)).toBeTruthy()
})

it('shows users the answers to their requests', async () => {
  const answer = { decidedAtMs: Date.now(), decidedBy: 'm.keller', comment: 'Ask the finance group.' }
  renderWith(<OwnRequestsPanel />, {
    'GET /api/v1/access-requests': () => ({
      requests: [
        sampleRequest({ accessRequestId: 'r-3' }),
        own({ accessRequestId: 'r-2' }),
        own({ state: 'refused', ...answer }),
      ],
      isTruncated: false,
    }),
  })
  expect(await screen.findByText('waits for an admin')).toBeTruthy()
  expect(screen.getByText(/^refused/).textContent).toContain('by m.keller')
  expect(screen.getByText('Ask the finance group.')).toBeTruthy()
})
