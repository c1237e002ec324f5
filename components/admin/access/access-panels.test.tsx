// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import {
  ADMIN_SESSION,
  answeringFetch,
  sampleGrant,
  sampleAccessEntry,
  sampleUser,
} from '@/testing/components/access-api'
import { render } from '@/testing/components/render'
import { EffectiveAccessPanel } from './effective-access-panel'
import { GrantPanel } from './grant-panel'
import { PermissionCheckPanel } from './permission-check-panel'

const RUIZ = sampleUser()
const HOLDER = { kind: 'user', id: 'u-ruiz', name: 'a.ruiz' } as const
const BY_GROUP = sampleGrant({
  grantId: 'grant-2',
  role: 'editor',
  holder: { kind: 'group', id: 'g-finance', name: 'finance' },
})

const level = (entries: unknown[]) => ({ entries, next: null })

const LISTS = {
  'GET /api/v1/session': () => ADMIN_SESSION,
  'GET /api/v1/catalogs': () => ({
    catalogs: [{ name: 'lake', kind: 'embedded', warehouse: null, namespaceCount: null, abilities: [], problem: null }],
  }),
  'GET /api/v1/catalogs/lake/namespaces': ({ query }: { query: Record<string, string> }) => ({
    namespaces:
      query['parent'] === undefined
        ? [{ namespace: ['eu.finance'], namespaceCount: 0, tableCount: 1, viewCount: 0 }]
        : [],
    isTruncated: false,
    skippedCount: 0,
  }),
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderWith(part: ReactElement, answers: Parameters<typeof answeringFetch>[0]) {
  const { fetch, requests } = answeringFetch({ ...LISTS, ...answers })
  vi.stubGlobal('fetch', fetch)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(<QueryClientProvider client={client}>{part}</QueryClientProvider>)
  return requests
}

it('shows where each grant comes from, and removes only direct ones', async () => {
  const everyone = sampleGrant({
    grantId: 'grant-3',
    holder: { kind: 'everyone', id: 'everyone', name: 'everyone' },
    resource: { catalog: 'lake' },
  })
  const requests = renderWith(<GrantPanel holder={HOLDER} />, {
    'GET /api/v1/grants': () => ({ grants: [sampleGrant(), BY_GROUP, everyone], next: null }),
    'DELETE /api/v1/grants/grant-1': () => ({}),
  })
  expect(await screen.findByText('1 direct, 2 by groups')).toBeTruthy()
  const rows = screen.getAllByRole('row').slice(1)
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/lake\.finance.*viewer.*direct/),
    expect.stringMatching(/lake\.finance.*editor.*finance/),
    expect.stringMatching(/lake.*viewer.*everyone/),
  ])
  const removals = screen.getAllByRole('button', { name: /^Remove/ })
  expect(removals).toHaveLength(1)
  await userEvent.click(screen.getByRole('button', { name: 'Remove viewer on lake.finance of a.ruiz' }))
  const dialog = await screen.findByRole('dialog')
  expect(requests.some(({ method }) => method === 'DELETE')).toBe(false)
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove grant' }))
  await waitFor(() => expect(requests.some(({ method }) => method === 'DELETE')).toBe(true))
})

it('grants a role on a namespace from a list, whose levels may have dots', async () => {
  const requests = renderWith(<GrantPanel holder={HOLDER} />, {
    'GET /api/v1/grants': () => ({ grants: [], next: null }),
    'POST /api/v1/grants': () => sampleGrant(),
  })
  expect(await screen.findByText('Nothing is granted to a.ruiz yet.')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Grant' }))
  const dialog = await screen.findByRole('dialog', { name: 'Grant to a.ruiz' })
  const field = within(dialog).getByRole('combobox', { name: 'Namespace' })
  const submit = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Grant' })
  expect(requests.some(({ path }) => path.startsWith('/api/v1/catalogs'))).toBe(false)
  await userEvent.type(field, 'lake.')
  expect(submit.disabled).toBe(true)
  await userEvent.click(await screen.findByRole('option', { name: 'lake.eu.finance', hidden: true }))
  await userEvent.click(within(dialog).getByRole('radio', { name: 'editor' }))
  await userEvent.click(submit)
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    holder: { kind: 'user', id: 'u-ruiz' },
    role: 'editor',
    catalog: 'lake',
    namespace: 'eu.finance',
  })
})

it('keeps the dialog and says why when a grant is refused', async () => {
  const problem = { title: 'x', code: 'not-found', detail: 'There is no catalog sea.', facts: {}, requestId: 'r' }
  renderWith(<GrantPanel holder={HOLDER} />, {
    'GET /api/v1/grants': () => ({ grants: [], next: null }),
    'POST /api/v1/grants': () => Response.json({ type: 'x', status: 404, ...problem }, { status: 404 }),
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Grant' }))
  const dialog = await screen.findByRole('dialog')
  await userEvent.type(within(dialog).getByRole('combobox', { name: 'Namespace' }), 'sea.finance')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Grant' }))
  expect((await within(dialog).findByRole('alert')).textContent).toContain('There is no catalog sea.')
  expect(dialog.textContent).toContain('Nothing was granted.')
})

it('reads a level of effective access when it is opened, and says why it is visible', async () => {
  const lake = { catalog: 'lake' }
  const finance = { ...lake, namespace: ['finance'] }
  const requests = renderWith(<EffectiveAccessPanel user={RUIZ} />, {
    'GET /api/v1/users/u-ruiz/effective-access': ({ query }) =>
      level(
        query['catalog'] === undefined
          ? [sampleAccessEntry(lake, { level: 'inside' })]
          : [
              sampleAccessEntry(finance, { level: 'read', grants: [BY_GROUP] }),
              sampleAccessEntry({ ...lake, namespace: ['raw'] }),
            ],
      ),
  })
  expect(await screen.findByText('access to something inside')).toBeTruthy()
  expect(requests.filter(({ path }) => path.endsWith('effective-access'))).toHaveLength(1)
  await userEvent.click(screen.getByRole('button', { name: 'Open lake' }))
  expect(await screen.findByText('nothing granted')).toBeTruthy()
  await userEvent.click(screen.getByText('Only allowed'))
  await waitFor(() => expect(screen.queryByText('nothing granted')).toBeNull())
  await userEvent.click(screen.getByText('finance', { selector: 'span' }))
  const detail = await screen.findByRole('region', { name: 'Access to lake.finance' })
  expect(detail.textContent).toMatch(/editor of lake\.finance through group finance, given by m\.keller/)
  expect(detail.textContent).toContain('Write, Maintain, and Admin: no grant allows it.')
})

it('reads the rest of a level page by page', async () => {
  renderWith(<EffectiveAccessPanel user={RUIZ} />, {
    'GET /api/v1/users/u-ruiz/effective-access': ({ query }) =>
      query['after'] === 'catalog:lake'
        ? level([sampleAccessEntry({ catalog: 'sea' })])
        : { entries: [sampleAccessEntry({ catalog: 'lake' })], next: 'catalog:lake' },
  })
  await userEvent.click(await screen.findByRole('button', { name: /^Show more in/ }))
  expect(await screen.findByRole('button', { name: 'Open sea' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Open lake' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Show more in/ })).toBeNull()
})

it('says that a level cannot be listed, and reads it again', async () => {
  let isDown = true
  renderWith(<EffectiveAccessPanel user={RUIZ} />, {
    'GET /api/v1/users/u-ruiz/effective-access': () =>
      isDown ? new Response('down', { status: 502 }) : level([sampleAccessEntry({ catalog: 'lake' })]),
  })
  expect((await screen.findByRole('alert')).textContent).toContain('cannot be listed')
  isDown = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('nothing granted')).toBeTruthy()
})

it('answers whether a user may, with the grant and what stands in the way', async () => {
  const requests = renderWith(<PermissionCheckPanel user={RUIZ} />, {
    'POST /api/v1/users/u-ruiz/permission-check': () => ({
      isAllowed: false,
      grants: [{ ...BY_GROUP, resource: { catalog: 'lake' } }],
      blockers: ['The table is protected, and cannot be dropped until an admin takes that off.'],
    }),
  })
  expect(screen.getByText('Name a catalog, a namespace or a table.')).toBeTruthy()
  await userEvent.type(await screen.findByRole('combobox', { name: 'On' }), 'lake.finance.ledger')
  // A pause between two keys sends a check of the beginning.
  await waitFor(() =>
    expect(requests.findLast(({ method }) => method === 'POST')?.body).toEqual({
      permission: 'table:read',
      catalog: 'lake',
      namespace: 'finance',
      table: 'ledger',
    }),
  )
  const answer = await screen.findByText('No.')
  const text = answer.closest('[role="status"]')?.textContent
  expect(text).toContain('editor of lake through group finance')
  expect(text).toContain('The table is protected')
})
