import type { Page } from '@playwright/test'
import { paths } from './support/addresses'
import { runCli } from './support/cli'
import { expect, problemNote, test } from './support/fixtures'
import type { PROVIDER_ACCOUNTS } from './support/provider-accounts'
import { waitForHydration } from './support/stabilize-pages'

const TABLE = '/api/v1/catalogs/local/namespaces/demo/tables/flights'

test.use({ persona: 'visitor' })

test.beforeEach(({ pageErrors }) => {
  pageErrors.expectOrigin(process.env['LAKESHORE_OIDC_ISSUER'] ?? '')
})

/** Signs in as this person, from the sign-in page that is shown. */
async function signInAs(page: Page, subject: keyof typeof PROVIDER_ACCOUNTS | '') {
  await page.getByRole('link', { name: 'Sign in with Harbour ID' }).click()
  await page.getByLabel('Person').fill(subject)
  await page.getByRole('button', { name: 'Continue' }).click()
}

async function signOut(page: Page, username: string) {
  // The provider leads here, not `goto`, which waits.
  await waitForHydration(page)
  await page.getByRole('button', { name: `Account of ${username}` }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
}

test('A visitor signs in with the identity provider, and out of it again', async ({ page }) => {
  await page.goto(paths.account())
  await expect(page).toHaveURL(/\/login\?next=/)
  await signInAs(page, 'subject-of-olive')
  await expect(page).toHaveURL(paths.account())
  await expect(page.getByRole('button', { name: 'Account of olive' })).toBeVisible()

  await signOut(page, 'olive')
  await page.getByRole('link', { name: 'Sign out there, too' }).click()
  await page.getByRole('button', { name: 'Sign out of Harbour ID' }).click()
  await expect(page).toHaveURL(/\/login/)
  await page.getByRole('link', { name: 'Sign in with Harbour ID' }).click()
  // The provider asks who it is again.
  await expect(page.getByLabel('Person')).toBeVisible()
})

test('A group of the provider brings its members what an admin grants to it', async ({ page, openPageAs }) => {
  await page.goto(paths.login())
  await signInAs(page, 'subject-of-wilma')
  await expect(page).toHaveURL(paths.home())
  const readTable = async () => (await page.request.get(TABLE)).status()
  expect([403, 404]).toContain(await readTable())

  const { request } = await openPageAs('admin')
  const { groups } = (await (await request.get('/api/v1/groups')).json()) as {
    groups: { groupId: string; name: string }[]
  }
  const group = groups.find(({ name }) => name === 'pilots')
  const grant = { holder: { kind: 'group', id: group?.groupId }, role: 'viewer', catalog: 'local', namespace: 'demo' }
  expect((await request.post('/api/v1/grants', { data: grant })).status()).toBe(200)
  expect(await readTable()).toBe(200)
})

test('A visitor who refuses at the provider, has the name of a user here, or is disabled, learns why they stay outside', async ({
  page,
}) => {
  await page.goto(paths.login())
  await signInAs(page, '')
  await expect(problemNote(page)).toContainText('The identity provider refused the sign-in.')
  await signInAs(page, 'subject-of-another-admin')
  await expect(problemNote(page)).toContainText('Another user here has your username.')
  expect((await page.request.get('/api/v1/session')).status()).toBe(401)

  // The provider still knows the person.
  await page.context().clearCookies()
  await page.goto(paths.login())
  await signInAs(page, 'subject-of-victor')
  await expect(page).toHaveURL(paths.home())
  await runCli(['user', 'disable', 'victor'])
  await page.goto(paths.login())
  await page.getByRole('link', { name: 'Sign in with Harbour ID' }).click()
  await expect(problemNote(page)).toContainText('Your user is disabled.')
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})
