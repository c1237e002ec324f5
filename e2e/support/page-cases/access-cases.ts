import { expect, type Page } from '@playwright/test'
import type { AccessRequest } from '@/lib/contract/access'
import { findMissingRequested, listAccessRequests } from '@/lib/contract/access/requests'
import { FLIGHTS, paths } from '../addresses'
import { fetchJson } from '../lake'
import type { PageCase } from '../page-case'
import { stubEndpoint } from '../stub-endpoint'

/** As the API sends it: a namespace is text. */
type RequestOnWire = Omit<AccessRequest, 'resource'> & {
  resource: { catalog: string; namespace: string; table?: string }
}

const REQUEST: RequestOnWire = {
  accessRequestId: 'r1',
  userId: 'u1',
  username: 'vera',
  role: 'editor',
  resource: { catalog: 'local', namespace: 'demo' },
  note: 'To correct the weather of May.',
  createdAtMs: Date.now() - 3_600_000,
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  isOwn: false,
  canDecide: true,
}
const ON_MISSING: RequestOnWire = {
  ...REQUEST,
  accessRequestId: 'r2',
  role: 'viewer',
  resource: { catalog: 'local', namespace: 'demo', table: 'fligths' },
  note: '',
}
const OWN: RequestOnWire = { ...REQUEST, isOwn: true, canDecide: false, decidedAtMs: Date.now() - 60_000 }
const OWN_REQUESTS: readonly RequestOnWire[] = [
  { ...OWN, decidedAtMs: null },
  { ...OWN, accessRequestId: 'r3', state: 'granted', decidedBy: 'edna', comment: null },
  { ...OWN, accessRequestId: 'r4', state: 'refused', decidedBy: 'edna', comment: 'Read the view in its place.' },
]

/** Users, groups, grants, and requests for access. */
export const ACCESS_CASES: readonly PageCase[] = [
  {
    name: 'users',
    address: paths.users(),
    persona: 'admin',
    ready: (page) => page.getByRole('region', { name: 'People' }).getByRole('link', { name: /^editor / }),
  },
  {
    name: 'user',
    address: paths.users(),
    persona: 'admin',
    open: openEditor,
    ready: (page) => page.getByRole('region', { name: 'Access to local' }),
  },
  {
    name: 'user-may-they',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openEditor(page)
      await page.getByRole('combobox', { name: 'What' }).click()
      await page.getByRole('option', { name: 'grant it to others' }).click()
      await page.getByRole('combobox', { name: 'On', exact: true }).fill('local.demo.flights')
      // Closes the list of names, which covers the rest.
      await page.getByRole('combobox', { name: 'On', exact: true }).press('Tab')
    },
    ready: (page) => page.getByRole('region', { name: 'Check permission' }).getByText('No.', { exact: true }),
  },
  {
    name: 'user-grant',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openEditor(page)
      await page.getByRole('region', { name: 'Grants' }).getByRole('button', { name: 'Grant', exact: true }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Grant to editor' }).getByRole('combobox', { name: 'Namespace' }),
  },
  {
    name: 'user-role',
    address: paths.users(),
    persona: 'admin',
    open: (page) => openUserAction(page, 'Role on everything…'),
    ready: (page) => page.getByRole('dialog').getByRole('radiogroup'),
  },
  {
    name: 'user-password',
    address: paths.users(),
    persona: 'admin',
    open: (page) => openUserAction(page, 'New one-time password…'),
    ready: (page) => page.getByRole('dialog').getByRole('button', { name: 'Cancel' }),
  },
  {
    name: 'user-disable',
    address: paths.users(),
    persona: 'admin',
    open: (page) => openUserAction(page, 'Disable…'),
    ready: (page) => page.getByRole('dialog').getByRole('button', { name: 'Cancel' }),
  },
  {
    name: 'user-remove',
    address: paths.users(),
    persona: 'admin',
    open: (page) => openUserAction(page, 'Remove…'),
    ready: (page) => page.getByRole('textbox', { name: 'Type editor to confirm' }),
  },
  {
    name: 'user-link-subject',
    address: paths.users(),
    persona: 'admin',
    open: (page) => openUserAction(page, 'Link a subject…'),
    ready: (page) => page.getByRole('dialog', { name: 'Link a subject to editor' }).getByLabel('Subject'),
  },
  {
    name: 'user-new',
    address: paths.users(),
    persona: 'admin',
    open: (page) => page.getByRole('button', { name: 'Create user' }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'Create user' }).getByLabel('Username'),
  },
  {
    name: 'user-unknown',
    address: paths.user('no-such-user'),
    persona: 'admin',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Look for them in the list.'),
  },
  {
    name: 'group-everyone',
    address: paths.group('everyone'),
    persona: 'admin',
    ready: (page) => page.getByText('Nothing is granted to everyone yet.'),
  },
  {
    name: 'group',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => void (await openNightShift(page)),
    ready: (page) => page.getByRole('region', { name: 'Members' }).getByText('Add the first one above'),
  },
  {
    name: 'group-new',
    address: paths.users(),
    persona: 'admin',
    open: (page) => page.getByRole('button', { name: 'Group', exact: true }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'New group' }).getByLabel('Name'),
  },
  {
    name: 'group-rename',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openNightShift(page)
      await page.getByRole('button', { name: 'Rename…' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Rename night shift' }).getByLabel('Name'),
  },
  {
    name: 'group-remove',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      await openNightShift(page)
      await page.getByRole('button', { name: 'Remove…' }).click()
    },
    ready: (page) => page.getByRole('textbox', { name: 'Type night shift to confirm' }),
  },
  {
    name: 'grant-remove',
    address: paths.users(),
    persona: 'admin',
    open: async (page) => {
      const groupId = await openNightShift(page)
      const data = { holder: { kind: 'group', id: groupId }, role: 'editor', catalog: 'local', namespace: 'not_there' }
      await page.request.post('/api/v1/grants', { data })
      await page.reload()
      await page.getByRole('button', { name: /^Remove editor on/ }).click()
    },
    ready: (page) => page.getByRole('dialog').getByRole('button', { name: 'Remove grant' }),
  },
  {
    name: 'access-grant-on',
    address: paths.accessTo(FLIGHTS),
    persona: 'admin',
    open: async (page) => {
      // The list of people moves the button.
      await expect(
        page.getByRole('group', { name: 'Who has access' }).getByRole('link', { name: 'viewer' }),
      ).toBeVisible()
      await page.getByRole('button', { name: 'Grant', exact: true }).click()
      await page.getByRole('combobox', { name: 'User or group' }).fill('everyone')
      // Closes the list of names, which covers the rest.
      await page.getByRole('combobox', { name: 'User or group' }).press('Tab')
    },
    ready: (page) => page.getByRole('dialog', { name: /^Grant on/ }).getByRole('button', { name: 'Grant' }),
  },
  {
    name: 'access-by-table',
    address: paths.accessTo(FLIGHTS),
    persona: 'admin',
    ready: (page) => page.getByRole('group', { name: 'Who has access' }).getByRole('link', { name: 'viewer' }),
  },
  {
    name: 'access-by-table-refused',
    address: paths.accessTo(FLIGHTS),
    persona: 'viewer',
    ready: (page) => page.getByText(/^Only admins of local\.demo\.flights/),
  },
  {
    name: 'requests-to-settle',
    address: paths.tokens(),
    persona: 'admin',
    prepare: (page) => mockRequests(page, [REQUEST, ON_MISSING]),
    // By a link: a page load comes with its data and requests none.
    open: (page) =>
      page
        .getByRole('navigation', { name: 'Settings' })
        .getByRole('link', { name: /^Users/ })
        .click(),
    ready: (page) => page.getByRole('button', { name: 'Grant viewer on local.demo.fligths for vera' }),
  },
  {
    name: 'requests-of-own',
    address: paths.tokens(),
    persona: 'viewer',
    prepare: (page) => mockRequests(page, OWN_REQUESTS),
    open: (page) => page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Account' }).click(),
    ready: (page) => page.getByRole('button', { name: /^Withdraw/ }),
  },
  {
    name: 'request-access',
    address: paths.table(FLIGHTS),
    persona: 'viewer',
    open: async (page) => {
      await page.getByRole('button', { name: 'Table actions' }).click()
      await page.getByRole('menuitem', { name: 'Request access…' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: /^Request access/ }).getByLabel('Note'),
  },
]

async function mockRequests(page: Page, requests: readonly RequestOnWire[]): Promise<void> {
  await stubEndpoint(page, listAccessRequests, {}, { requests, isTruncated: false })
  await stubEndpoint(page, findMissingRequested, {}, { accessRequestIds: [ON_MISSING.accessRequestId] })
}

/** The page of the user `editor`, with one line of their access chosen. */
async function openEditor(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'People' })
    .getByRole('link', { name: /^editor / })
    .click()
  await page.getByRole('grid', { name: 'Effective access' }).getByText('local', { exact: true }).click()
}

async function openUserAction(page: Page, action: string): Promise<void> {
  await openEditor(page)
  await page.getByRole('button', { name: 'editor options' }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

/** The page of a group without members. @returns its id */
async function openNightShift(page: Page): Promise<string> {
  // Refused when another case has added it.
  await page.request.post('/api/v1/groups', { data: { name: 'night shift' } })
  const { groups } = await fetchJson<{ groups: { groupId: string; name: string }[] }>(page.request, '/api/v1/groups')
  const { groupId = '' } = groups.find(({ name }) => name === 'night shift') ?? {}
  await page.goto(paths.group(groupId))
  return groupId
}
