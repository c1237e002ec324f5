// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { ADMIN_SESSION, answeringFetch, sampleGroup, sampleUser } from '@/testing/components/access-api'
import { ROLE_PERMISSIONS } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { GroupPage } from './group-page'
import { PeopleList } from './people-list'
import { PersonPage } from './person-page'
import { UsersPage } from './users-page'

const RUIZ = sampleUser()
const KELLER = sampleUser({
  userId: 'u-admin',
  username: 'm.keller',
  role: 'admin',
  groups: [{ groupId: 'g-finance', name: 'finance' }],
})
const FINANCE = sampleGroup()
const ANALYSTS = sampleGroup({ groupId: 'g-analysts', name: 'analysts', source: 'provider', memberCount: 1 })

const NO_ENTRIES = { entries: [], next: null, isTruncated: false, problem: null }

const READS = {
  'GET /api/v1/session': () => ADMIN_SESSION,
  'GET /api/v1/users': () => ({ users: [KELLER, RUIZ], next: null }),
  'GET /api/v1/groups': () => ({ groups: [FINANCE, ANALYSTS] }),
  'GET /api/v1/grants': () => ({ grants: [], next: null }),
  'GET /api/v1/users/u-ruiz': () => RUIZ,
  'GET /api/v1/users/u-ruiz/effective-access': () => NO_ENTRIES,
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderWith(part: ReactElement, answers: Parameters<typeof answeringFetch>[0] = {}) {
  const { fetch, requests } = answeringFetch({ ...READS, ...answers })
  vi.stubGlobal('fetch', fetch)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(<QueryClientProvider client={client}>{part}</QueryClientProvider>)
  return requests
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }))

it('lists people with role and groups, and groups with where they come from', async () => {
  renderWith(<PeopleList />)
  const people = await screen.findByRole('region', { name: 'People' })
  await within(people).findByText('a.ruiz')
  const texts = within(people)
    .getAllByRole('link')
    .map((link) => link.textContent)
  expect(texts).toEqual(['MKm.kellerfinanceadminnever', 'ARa.ruizno groupsgrants onlynever'])
  const groups = screen.getByRole('region', { name: 'Groups' })
  expect(within(groups).getByRole('link', { name: /analysts/ }).textContent).toBe('analysts1 personfrom the provider')
})

it('asks the server for the people that a filter finds, and filters the groups', async () => {
  const requests = renderWith(<PeopleList />)
  await userEvent.type(screen.getByRole('searchbox'), 'fin')
  await waitFor(() => expect(requests.map(({ query }) => query['query'])).toContain('fin'))
  const groups = screen.getByRole('region', { name: 'Groups' })
  await waitFor(() => expect(within(groups).getAllByRole('link')).toHaveLength(1))
})

it('says to a reader who may see users, and asks for no request or user to be chosen', async () => {
  const reader = { ...ADMIN_SESSION, role: 'viewer', permissions: ROLE_PERMISSIONS.viewer }
  renderWith(<UsersPage>none</UsersPage>, { 'GET /api/v1/session': () => reader })
  expect(await screen.findByText('Only full admins can see users and groups.')).toBeTruthy()
  expect(screen.queryByText(/Choose a user or group/)).toBeNull()
  expect(screen.queryByRole('region', { name: 'Requests for access' })).toBeNull()
})

it('shows admins of a namespace the requests for it, and who may see users', async () => {
  const grants = [{ role: 'admin', resource: { catalog: 'lake', namespace: ['finance'] } }]
  const admin = { ...ADMIN_SESSION, role: 'viewer', permissions: ROLE_PERMISSIONS.viewer, grants }
  renderWith(<UsersPage>none</UsersPage>, {
    'GET /api/v1/session': () => admin,
    'GET /api/v1/access-requests': () => ({ requests: [], isTruncated: false }),
  })
  expect(await screen.findByText('No requests to review.')).toBeTruthy()
  expect(screen.getByText('Only full admins can see users and groups.')).toBeTruthy()
})

it('says why people cannot be listed, and still lists the groups', async () => {
  renderWith(<PeopleList />, { 'GET /api/v1/users': () => new Response('gone', { status: 502 }) })
  expect(await screen.findByRole('alert')).toBeTruthy()
  expect(await screen.findByRole('link', { name: /finance/ })).toBeTruthy()
})

it('creates a user without a role and shows the password once, in a dialog that Escape does not close', async () => {
  const created = { user: sampleUser({ userId: 'u-new', username: 'n.ova' }), password: 'six-quiet-herons' }
  const requests = renderWith(<UsersPage>none</UsersPage>, { 'POST /api/v1/users': () => created })
  await userEvent.click(await screen.findByRole('button', { name: 'Create user' }))
  const dialog = await screen.findByRole('dialog', { name: 'Create user' })
  await userEvent.type(within(dialog).getByLabelText('Username'), ' n.ova ')
  await userEvent.click(within(dialog).getByRole('button', { name: 'Create user' }))
  const password = await screen.findByRole('region', { name: 'Password' })
  expect(password.textContent).toBe('six-quiet-herons')
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({ username: 'n.ova', role: null })
  await userEvent.keyboard('{Escape}')
  expect(screen.getByRole('region', { name: 'Password' })).toBeTruthy()
  await press('I’ve copied it')
  await waitFor(() => expect(screen.queryByText('six-quiet-herons')).toBeNull())
})

it('creates a service account without a password, and a token for it', async () => {
  const service = sampleUser({ userId: 'u-new', username: 'nightly', isService: true, signInMethod: 'none' })
  const requests = renderWith(
    <UsersPage>
      <PersonPage userId="u-new" />
    </UsersPage>,
    {
      'POST /api/v1/users': () => ({ user: service, password: null }),
      'GET /api/v1/users/u-new': () => service,
      'GET /api/v1/users/u-new/effective-access': () => NO_ENTRIES,
      'POST /api/v1/tokens': () => new Response('gone', { status: 502 }),
    },
  )
  await userEvent.click(await screen.findByRole('button', { name: 'Create user' }))
  const dialog = await screen.findByRole('dialog', { name: 'Create user' })
  expect(within(dialog).getByText('Used to sign in. It cannot be changed later.')).toBeTruthy()
  await userEvent.type(within(dialog).getByLabelText('Username'), 'nightly')
  await userEvent.click(within(dialog).getByText('a program (uses tokens)'))
  await userEvent.click(within(dialog).getByRole('button', { name: 'Create service account' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  const posts = () => requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
  expect(posts()).toEqual([{ username: 'nightly', role: null, isService: true }])
  expect(await screen.findByText('nothing: service account')).toBeTruthy()

  await userEvent.click(screen.getByRole('button', { name: 'nightly options' }))
  const reset = await screen.findByRole('menuitem', { name: /New one-time password/ })
  expect(reset.textContent).toContain('a service account never signs in')
  await userEvent.click(screen.getByRole('menuitem', { name: 'Create token…' }))
  const creation = await screen.findByRole('dialog', { name: 'Create token of nightly' })
  await userEvent.type(within(creation).getByLabelText('Name'), 'load')
  await userEvent.click(within(creation).getByRole('button', { name: 'Create token' }))
  await waitFor(() => expect(posts()).toHaveLength(2))
  expect(posts()[1]).toEqual({ name: 'load', role: 'editor', days: 90, user: 'nightly' })
})

it('disables a user after a question', async () => {
  const requests = renderWith(<PersonPage userId="u-ruiz" />, {
    'PUT /api/v1/users/u-ruiz': () => ({ ...RUIZ, disabledAtMs: 1 }),
  })
  await userEvent.click(await screen.findByRole('button', { name: 'a.ruiz options' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Disable…' }))
  const dialog = await screen.findByRole('dialog', { name: 'Disable a.ruiz' })
  expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
  await userEvent.click(within(dialog).getByRole('button', { name: 'Disable user' }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(requests.find(({ method }) => method === 'PUT')?.body).toEqual({ isDisabled: true })
})

it('links a subject of the provider only after the name is typed, and unlinks it in the same way', async () => {
  const linked = { ...RUIZ, signInMethod: { provider: 'id.example', subject: 's-1' }, hasPassword: false }
  let user: unknown = RUIZ
  const requests = renderWith(<PersonPage userId="u-ruiz" />, {
    'GET /api/v1/users/u-ruiz': () => user,
    'PUT /api/v1/users/u-ruiz/identity': () => (user = linked),
    'DELETE /api/v1/users/u-ruiz/identity': () => (user = RUIZ),
  })
  const choose = async (name: string) => {
    await userEvent.click(await screen.findByRole('button', { name: 'a.ruiz options' }))
    await userEvent.click(await screen.findByRole('menuitem', { name }))
  }
  await choose('Link a subject…')
  const dialog = await screen.findByRole('dialog', { name: 'Link a subject to a.ruiz' })
  const link = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Link subject' })
  await userEvent.type(within(dialog).getByRole('textbox', { name: /Type a.ruiz/ }), 'a.ruiz')
  expect(link.disabled).toBe(true)
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Subject' }), ' s-1 ')
  await userEvent.click(link)
  expect(await screen.findByText('id.example')).toBeTruthy()
  expect(requests.find(({ method }) => method === 'PUT')?.body).toEqual({ subject: 's-1' })
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  await choose('Unlink the subject…')
  const second = await screen.findByRole('dialog', { name: 'Unlink the subject of a.ruiz' })
  expect(second.textContent).toContain('They have no password')
  const unlink = within(second).getByRole<HTMLButtonElement>('button', { name: 'Unlink subject' })
  expect(unlink.disabled).toBe(true)
  await userEvent.type(within(second).getByRole('textbox'), 'a.ruiz')
  await userEvent.click(unlink)
  await waitFor(() => expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1))
})

it('removes a user only after their name is typed, and never the admin who looks', async () => {
  const requests = renderWith(<PersonPage userId="u-ruiz" />, { 'DELETE /api/v1/users/u-ruiz': () => ({}) })
  await userEvent.click(await screen.findByRole('button', { name: 'a.ruiz options' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Remove…' }))
  const dialog = await screen.findByRole('dialog', { name: 'Remove a.ruiz' })
  const remove = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Remove user' })
  expect(remove.disabled).toBe(true)
  await userEvent.type(within(dialog).getByLabelText(/to confirm/), 'a.ruiz')
  await userEvent.click(remove)
  await waitFor(() => expect(requests.some(({ method }) => method === 'DELETE')).toBe(true))
  cleanup()

  const own = { 'GET /api/v1/users/u-admin': () => KELLER }
  renderWith(<PersonPage userId="u-admin" />, {
    ...own,
    'GET /api/v1/users/u-admin/effective-access': () => NO_ENTRIES,
  })
  await userEvent.click(await screen.findByRole('button', { name: 'm.keller options' }))
  const item = await screen.findByRole('menuitem', { name: /Remove….*this is you/ })
  expect(item.hasAttribute('data-disabled')).toBe(true)
})

it('adds and removes members of a group, but not of one that a provider decides', async () => {
  const requests = renderWith(<GroupPage groupId="g-finance" />, {
    'GET /api/v1/groups/g-finance': () => ({ group: FINANCE }),
    'GET /api/v1/groups/g-finance/members': () => ({ members: [KELLER], next: null }),
    'PUT /api/v1/groups/g-finance/members/u-ruiz': () => ({}),
    'DELETE /api/v1/groups/g-finance/members/u-admin': () => ({}),
  })
  const field = await screen.findByRole('combobox', { name: 'Username' })
  await userEvent.type(field, 'a.ruiz')
  const add = screen.getByRole<HTMLButtonElement>('button', { name: 'Add' })
  await waitFor(() => expect(add.disabled).toBe(false))
  await userEvent.click(add)
  await waitFor(() => expect(requests.some(({ method }) => method === 'PUT')).toBe(true))
  await press('Remove m.keller from the group')
  await waitFor(() => expect(requests.some(({ method }) => method === 'DELETE')).toBe(true))
  cleanup()

  renderWith(<GroupPage groupId="g-analysts" />, {
    'GET /api/v1/groups/g-analysts': () => ({ group: ANALYSTS }),
    'GET /api/v1/groups/g-analysts/members': () => ({ members: [KELLER], next: null }),
  })
  expect(await screen.findByText(/which decides its members/)).toBeTruthy()
  await screen.findByRole('link', { name: 'm.keller' })
  expect(screen.queryByRole('combobox', { name: 'Username' })).toBeNull()
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull()
})

it('shows the members of a group page after page', async () => {
  renderWith(<GroupPage groupId="g-analysts" />, {
    'GET /api/v1/groups/g-analysts': () => ({ group: ANALYSTS }),
    'GET /api/v1/groups/g-analysts/members': ({ query }) =>
      query['after'] === 'm.keller'
        ? { members: [{ userId: 'u-2', username: 'z.last', displayName: null }], next: null }
        : { members: [KELLER], next: 'm.keller' },
  })
  await screen.findByRole('link', { name: 'm.keller' })
  await press('Show more members')
  expect(await screen.findByRole('link', { name: 'z.last' })).toBeTruthy()
  expect(screen.getByRole('link', { name: 'm.keller' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Show more members' })).toBeNull()
})
