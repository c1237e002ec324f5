// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { render } from '@/testing/components/render'
import { listTokens, type Token } from '@/lib/contract/tokens'
import { ROLE_PERMISSIONS, type Role } from '@/lib/permissions'
import { TokenPage } from './token-page'

const DAY_MS = 24 * 3_600_000
const TEXT = `lsh_${'a'.repeat(16)}_${'b'.repeat(40)}`

const token = (fields: Partial<Token> = {}): Token => ({
  tokenId: 'a'.repeat(16),
  name: 'spark',
  username: 'ada',
  isOfService: false,
  role: 'editor',
  resource: {},
  effectiveRole: 'editor',
  state: 'live',
  createdAtMs: Date.now(),
  expiresAtMs: Date.now() + 90 * DAY_MS,
  lastUsedAtMs: null,
  rotatedAtMs: null,
  oldSecret: null,
  ...fields,
})

let role: Role
let isRefusing: boolean
let tokens: Token[]
let requests: { method: string; address: string; body: unknown }[]

beforeEach(() => {
  role = 'editor'
  isRefusing = false
  tokens = []
  requests = []
  vi.stubGlobal('fetch', async (address: string, { method = 'GET', body }: { method?: string; body?: string } = {}) => {
    requests.push({ method, address, body: body === undefined ? null : JSON.parse(body) })
    return respond(method, address)
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function respond(method: string, address: string): Response {
  if (address === '/api/v1/session') {
    const permissions = ROLE_PERMISSIONS[role]
    const session = {
      userId: 'u',
      username: 'ada',
      role,
      permissions,
      expiresAtMs: 1,
      grants: [],
      hasGeneratedPassword: false,
      hasPassword: true,
    }
    return Response.json(session)
  }
  if (isRefusing && method !== 'GET')
    return Response.json(
      {
        type: 't',
        title: 't',
        status: 503,
        detail: 'Wait.',
        requestId: 'r',
        code: 'database-unavailable',
        facts: {},
      },
      { status: 503 },
    )
  if (method === 'POST' && address.endsWith('/rotate')) {
    tokens = [token({ rotatedAtMs: 1, oldSecret: { endsAtMs: Date.now() + 3_600_000, lastUsedAtMs: null } })]
    return Response.json({ token: tokens[0], secret: TEXT })
  }
  if (method === 'POST') {
    tokens = [token({ name: 'nightly' })]
    return Response.json({ token: tokens[0], secret: TEXT })
  }
  if (method === 'DELETE') {
    tokens = tokens.map((listed) => ({ ...listed, state: 'revoked' }))
    return Response.json({})
  }
  return Response.json(z.encode(listTokens.output, { tokens }))
}

function renderPage(query = '') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  return render(
    <QueryClientProvider client={client}>
      <TokenPage />
    </QueryClientProvider>,
    { query },
  )
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }))

it('shows how an engine uses a token, with the URL of the catalog and the token from the environment', async () => {
  renderPage()
  expect(await screen.findByText(/You have no tokens yet/)).toBeTruthy()
  const snippet = () => screen.getByRole('region', { name: 'Snippet' }).textContent
  expect(snippet()).toContain(`uri="${location.origin}/iceberg",`)
  expect(snippet()).toContain('token=os.environ["LAKESHORE_TOKEN"],')
  await userEvent.click(screen.getByText('Spark'))
  expect(snippet()).toContain(`.uri=${location.origin}/iceberg \\`)
  expect(snippet()).toContain('.credential="$LAKESHORE_TOKEN"')
  await userEvent.click(screen.getByText('curl'))
  expect(snippet()).toContain('Authorization: Bearer $LAKESHORE_TOKEN')
})

it('creates a token and shows it once', async () => {
  renderPage()
  await press('Create token')
  const dialog = await screen.findByRole('dialog', { name: 'Create token' })
  expect(within(dialog).getByRole('button', { name: 'Create token' })).toHaveProperty('disabled', true)
  expect(within(dialog).queryByRole('radio', { name: 'admin' })).toBeNull()
  const submit = within(dialog).getByRole('button', { name: 'Create token' })
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Name' }), ' nightly ')
  await userEvent.click(within(dialog).getByText('viewer'))
  await userEvent.click(within(dialog).getByText('30 days'))
  await userEvent.click(submit)
  expect((await screen.findByRole('region', { name: 'Token' })).textContent).toBe(TEXT)
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({ name: 'nightly', role: 'viewer', days: 30 })
  await userEvent.keyboard('{Escape}')
  expect(screen.getByText(TEXT)).toBeTruthy()
  await press('I’ve copied it')
  expect(screen.queryByText(TEXT)).toBeNull()
  expect((await screen.findByRole('row', { name: /nightly/ })).textContent).toContain('active')
  await press('Create token')
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveProperty('value', '')
})

it('creates a token for one namespace only, once the namespace is named', async () => {
  tokens = [token({ name: 'loader', resource: { catalog: 'lake', namespace: ['finance', 'eu'] } })]
  renderPage()
  expect((await screen.findByRole('row', { name: /loader/ })).textContent).toContain('lake.finance.eu')
  await press('Create token')
  const dialog = await screen.findByRole('dialog', { name: 'Create token' })
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'nightly')
  await userEvent.click(within(dialog).getByText('Namespace'))
  const submit = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Create token' })
  const field = within(dialog).getByPlaceholderText('lake.finance')
  await userEvent.type(field, 'lake')
  expect(submit.disabled).toBe(true)
  await userEvent.type(field, '.finance')
  expect(submit.disabled).toBe(false)
  await userEvent.click(submit)
  await screen.findByRole('region', { name: 'Token' })
  expect(requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
    catalog: 'lake',
    namespace: 'finance',
  })
})

it('returns the focus to the button that opened a dialog, and moves it to a new token', async () => {
  tokens = [token()]
  renderPage()
  const opener = screen.getByRole('button', { name: 'Create token' })
  await press('Create token')
  await press('Cancel')
  await waitFor(() => expect(document.activeElement).toBe(opener))
  await press('Create token')
  await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'nightly{Enter}')
  const dialog = await screen.findByRole('dialog', { name: /nightly/ })
  const warning = within(dialog).getByText(/Copy the token now/)
  await waitFor(() => expect(document.activeElement?.contains(warning)).toBe(true))
  await userEvent.keyboard('{Enter}')
  expect(screen.getByText(TEXT)).toBeTruthy()
  await press('I’ve copied it')
  await userEvent.click(await screen.findByRole('button', { name: 'Revoke nightly' }))
  const revoke = await screen.findByRole('dialog', { name: /^Revoke/ })
  await userEvent.click(within(revoke).getByRole('button', { name: 'Cancel' }))
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Revoke'))
})

it('says when a token was not created or not revoked', async () => {
  tokens = [token()]
  renderPage()
  await screen.findByRole('row', { name: /spark/ })
  isRefusing = true
  await press('Create token')
  await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'nightly{Enter}')
  expect(await screen.findByText('No token was created.')).toBeTruthy()
  await press('Cancel')
  await press('Revoke spark')
  await userEvent.type(await screen.findByRole('textbox', { name: /Type spark/ }), 'spark{Enter}')
  expect(await screen.findByText('The token was not revoked.')).toBeTruthy()
})

it('revokes a token once its name is typed', async () => {
  tokens = [token()]
  renderPage()
  await screen.findByRole('row', { name: /spark/ })
  await press('Revoke spark')
  const dialog = await screen.findByRole('dialog', { name: 'Revoke spark' })
  await userEvent.type(within(dialog).getByRole('textbox'), 'spark')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Revoke' }))
  expect(await screen.findByRole('row', { name: /spark.*revoked/ })).toBeTruthy()
  expect(
    requests.some(({ method, address }) => method === 'DELETE' && address === `/api/v1/tokens/${'a'.repeat(16)}`),
  ).toBe(true)
  expect(screen.queryByRole('button', { name: 'Revoke spark' })).toBeNull()
})

it('marks tokens that expire soon, have expired, or have lost permissions', async () => {
  tokens = [
    token({ tokenId: '1', name: 'soon', expiresAtMs: Date.now() + DAY_MS }),
    token({ tokenId: '2', name: 'over', state: 'expired', expiresAtMs: 1, lastUsedAtMs: 1 }),
    token({ tokenId: '3', name: 'less', effectiveRole: 'viewer' }),
  ]
  renderPage()
  const row = async (name: string) => (await screen.findByRole('row', { name: new RegExp(`^${name}`) })).textContent
  expect(await row('soon')).toContain('expires soon')
  expect(await row('over')).toMatch(/expired.*1970/)
  expect(await row('less')).toContain('viewer of editor')
})

it('shows an admin the tokens of all users', async () => {
  role = 'admin'
  renderPage()
  await userEvent.click(await screen.findByText('All users'))
  expect(await screen.findByText(/There are no tokens yet/)).toBeTruthy()
  expect(requests.some(({ address }) => address === '/api/v1/tokens?user=*')).toBe(true)
})

it('says when the list cannot be read', async () => {
  vi.stubGlobal('fetch', async () => new Response('gone', { status: 502 }))
  renderPage()
  expect(await screen.findByText(/The list of tokens/)).toBeTruthy()
})

it('shows that the owner of a token is disabled, and lets it be revoked', async () => {
  tokens = [token({ state: 'disabled' })]
  renderPage()
  expect(await screen.findByText('owner disabled')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Revoke spark' })).toBeTruthy()
})

it('rotates a token, shows the new secret once, and lists how long the old one is accepted', async () => {
  tokens = [token()]
  renderPage()
  await userEvent.click(await screen.findByRole('button', { name: 'Rotate spark' }))
  const dialog = await screen.findByRole('dialog', { name: 'Rotate spark' })
  await userEvent.click(within(dialog).getByText('1 hour'))
  await userEvent.click(within(dialog).getByRole('button', { name: 'Rotate token' }))
  expect((await screen.findByRole('region', { name: 'Token' })).textContent).toBe(TEXT)
  expect(screen.getByText(/^Copy the token now/).textContent).toMatch(
    /accepted until \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC[^ ]*\.$/,
  )
  expect(requests.find(({ method }) => method === 'POST')).toEqual({
    method: 'POST',
    address: `/api/v1/tokens/${'a'.repeat(16)}/rotate`,
    body: { overlapHours: 1 },
  })
  await press('I’ve copied it')
  await waitFor(() => expect(screen.queryByText(TEXT)).toBeNull())
  const row = await screen.findByRole('row', { name: /spark/ })
  expect(row.textContent).toContain('active · old secret ends')
  expect(row.textContent).toContain('never · old secret never')
})

it('offers an admin to rotate their own tokens and those of service accounts only', async () => {
  role = 'admin'
  tokens = [
    token({ tokenId: '1', name: 'own' }),
    token({ tokenId: '2', name: 'other', username: 'bob' }),
    token({ tokenId: '3', name: 'load', username: 'nightly', isOfService: true }),
    token({ tokenId: '4', name: 'paused', state: 'paused' }),
  ]
  renderPage()
  await userEvent.click(await screen.findByText('All users'))
  expect(await screen.findByText('waits for a new password')).toBeTruthy()
  const labels = screen.getAllByRole('button', { name: /^Rotate / }).map((button) => button.getAttribute('aria-label'))
  expect(labels).toEqual(['Rotate own', 'Rotate load'])
  expect(screen.getByRole('button', { name: 'Revoke paused' })).toBeTruthy()
  expect(screen.getByRole('row', { name: /load/ }).textContent).toContain('nightly service account')
})

it('says that the owners of the address do not exist, and lists those of the user', async () => {
  renderPage('?owners=zz')
  expect(
    await screen.findByText('“zz” in ?owners= is neither mine nor everybody. Your tokens are listed.'),
  ).toBeTruthy()
})
