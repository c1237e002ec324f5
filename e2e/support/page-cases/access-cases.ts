import { expect, type Page } from '@playwright/test'
import { FLIGHTS, paths } from '../addresses'
import { fetchJson } from '../lake'
import type { PageCase } from '../page-case'

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
    name: 'user-invite',
    address: paths.users(),
    persona: 'admin',
    open: (page) => page.getByRole('button', { name: 'Invite' }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'Invite a user' }).getByLabel('Username'),
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
        page.getByRole('group', { name: 'Who may here' }).getByRole('link', { name: 'viewer' }),
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
    ready: (page) => page.getByRole('group', { name: 'Who may here' }).getByRole('link', { name: 'viewer' }),
  },
  {
    name: 'access-by-table-refused',
    address: paths.accessTo(FLIGHTS),
    persona: 'viewer',
    ready: (page) => page.getByText(/^Only admins of local\.demo\.flights/),
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
  await page.getByRole('button', { name: 'Actions of editor' }).click()
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
