import type { Page } from '@playwright/test'
import { FLIGHTS, labTable, paths } from './support/addresses'
import { createEmptyTable } from './support/empty-table'
import { expect, problemNote, signInFirst, test } from './support/fixtures'
import { apiPath } from './support/lake'

test.use({ persona: 'admin' })

const USERNAME = 'gil.grants'
const TRIPS = labTable('granted')
const OTHER = labTable('not_granted')

test('An admin creates a user, grants step by step, and takes it back at once', { tag: '@journey' }, async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  pageErrors.expectError(/status of 40[34]/)
  for (const { table } of [TRIPS, OTHER]) await createEmptyTable(table)

  const password = await createUser(page)
  await grant(page, { role: 'viewer', kind: 'Namespace', name: 'local.lab' })

  const user = await openPageAs('visitor')
  await signInFirst(user, USERNAME, password, 'a password of my own')
  await expectOnlyNamespace(user, 'lab')
  await user.goto(paths.table(FLIGHTS))
  await expect(problemNote(user), 'a table that may not be read looks like none').toContainText('Not found')
  await expect(user.getByRole('button', { name: 'Request access…' })).toBeVisible()

  await user.goto(paths.table(TRIPS))
  await user.getByRole('button', { name: 'Table actions' }).click()
  await user.getByRole('menuitem', { name: 'Drop…' }).click()
  const drop = user.getByRole('complementary', { name: 'Drop table' })
  await expect(drop.getByRole('button', { name: 'Propose…' }), 'a viewer may propose it').toBeEnabled()
  await expect(drop.getByRole('button', { name: 'Drop', exact: true }), 'and not drop it').toBeDisabled()
  await user.keyboard.press('Escape')
  await user.getByRole('button', { name: 'Table actions' }).click()
  await user.getByRole('menuitem', { name: 'Request access…' }).click()
  const request = user.getByRole('dialog', { name: 'Request access to local.lab.granted' })
  await request.getByRole('textbox', { name: 'Note' }).fill('I load the trips.')
  await request.getByRole('button', { name: 'Send request' }).click()
  await expect(request.getByText('Your request for editor was sent')).toBeVisible()

  await page.goto(paths.users())
  const open = page.getByRole('listitem', { name: `editor on local.lab.granted for ${USERNAME}` })
  await expect(open).toContainText('I load the trips.')
  await open.getByRole('textbox').fill('Until the end of the month.')
  await open.getByRole('button', { name: /^Grant/ }).click()
  await expect(open).toHaveCount(0)

  await user.goto(paths.account())
  await expect(user.getByRole('region', { name: 'Requests for access' })).toContainText('Until the end of the month.')
  expect(await tryCommit(user, TRIPS), 'an editor of the table changes it').toBe(200)
  expect(await tryCommit(user, OTHER), 'a viewer of its neighbour does not').toBe(403)

  await page.goto(paths.accessTo(TRIPS))
  const people = page.getByRole('table', { name: 'Who has access' })
  await expect(people.getByRole('row').filter({ hasText: USERNAME })).toContainText('direct')
  await people.getByRole('link', { name: USERNAME }).click()
  await page.getByRole('button', { name: /^Remove viewer on local\.lab/ }).click()
  await page.getByRole('button', { name: 'Remove grant' }).click()
  await expect(page.getByRole('table', { name: 'Grants' }).getByRole('row').filter({ hasText: 'viewer' })).toHaveCount(
    0,
  )
  expect((await user.request.get(apiPath(OTHER))).status(), 'what only the removed grant allowed is gone').toBe(404)
  expect((await user.request.get(apiPath(TRIPS))).status(), 'the other grant still counts').toBe(200)
})

test('An admin creates a service account, and a token for it', async ({ page, request }) => {
  await page.goto(paths.users())
  await page.getByRole('button', { name: 'Create user' }).click()
  await page.getByLabel('Username').fill('nightly')
  await page.getByRole('dialog').getByText('a program (uses tokens)', { exact: true }).click()
  await page.getByRole('dialog').getByRole('radiogroup', { name: 'Role on everything' }).getByText('editor').click()
  await page.getByRole('button', { name: 'Create service account' }).click()
  await expect(page.getByRole('heading', { name: 'nightly' })).toBeVisible()
  await expect(page.getByText('nothing: service account')).toBeVisible()
  await page.getByRole('button', { name: 'nightly options' }).click()
  await page.getByRole('menuitem', { name: 'Create token…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Create token of nightly' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('load')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const token = await page.getByRole('dialog').getByRole('region', { name: 'Token' }).innerText()
  await page.getByRole('button', { name: 'I’ve copied it' }).click()
  const readCatalogs = async () =>
    (await request.get('/api/v1/catalogs', { headers: { authorization: `Bearer ${token}` } })).status()
  expect(await readCatalogs()).toBe(200)

  await page.getByRole('button', { name: 'nightly options' }).click()
  await page.getByRole('menuitem', { name: 'Disable…' }).click()
  await page.getByRole('button', { name: 'Disable user' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await readCatalogs()).toBe(401)
})

/** @returns the password, which is shown once */
async function createUser(page: Page): Promise<string> {
  await page.goto(paths.users())
  await page.getByRole('button', { name: 'Create user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Create user' })
  await dialog.getByLabel('Username').fill(USERNAME)
  await dialog.getByRole('button', { name: 'Create user' }).click()
  const password = (await page.getByRole('region', { name: 'Password' }).textContent()) ?? ''
  await page.getByRole('button', { name: 'I’ve copied it' }).click()
  await expect(page.getByRole('heading', { name: USERNAME })).toBeVisible()
  return password
}

async function grant(page: Page, { role, kind, name }: { role: string; kind: string; name: string }): Promise<void> {
  await page.getByRole('region', { name: 'Grants' }).getByRole('button', { name: 'Grant' }).click()
  const dialog = page.getByRole('dialog', { name: `Grant to ${USERNAME}` })
  await dialog.getByRole('radiogroup', { name: 'Role' }).getByText(role, { exact: true }).click()
  await dialog.getByRole('radiogroup', { name: 'On' }).getByText(kind, { exact: true }).click()
  await dialog.getByRole('combobox', { name: kind }).fill(name)
  // Closes the list of names, which covers the buttons.
  await dialog.getByRole('combobox', { name: kind }).press('Tab')
  await dialog.getByRole('button', { name: 'Grant' }).click()
  await expect(page.getByRole('table', { name: 'Grants' })).toContainText(name)
}

/** The catalog shows one namespace, and the pages of others say that it does not exist. */
async function expectOnlyNamespace(user: Page, namespace: string): Promise<void> {
  const response = await user.request.get(`/api/v1/catalogs/${FLIGHTS.catalog}/namespaces`)
  const { namespaces } = (await response.json()) as { namespaces: { namespace: string }[] }
  expect(namespaces.map((entry) => entry.namespace)).toEqual([namespace])
  await user.goto(paths.catalog(FLIGHTS.catalog))
  await expect(user.getByRole('grid').getByText(namespace, { exact: true }).first()).toBeVisible()
}

/** Sets a property, as the tray does. @returns the status of the response */
async function tryCommit(user: Page, table: typeof TRIPS): Promise<number> {
  const intents = [{ kind: 'set-property', key: 'comment', value: 'granted', base: null }]
  const response = await user.request.post(`${apiPath(table)}/changes`, { data: { intents } })
  return response.status()
}
