import { lab, paths } from './addresses'
import { expect, signIn, test } from './fixtures'
import { addUser, createTrips, trips } from './lakeshore'

test.use({ who: 'editor' })

test('What an editor changes in one tab is pending in the other, and gone from both once committed', async ({
  page,
  context,
}) => {
  await createTrips('lab.tabs', trips(1n, 5))
  const address = paths.table(lab('tabs'), 'settings')
  await page.goto(address)
  const second = await context.newPage()
  await second.goto(address)
  await expect(second.getByRole('combobox', { name: 'Codec', exact: true })).toHaveValue('zstd')
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'gzip' }).click()
  const tray = second.getByRole('region', { name: 'Pending changes' })
  await expect(tray).toContainText('gzip')
  await tray.getByRole('button', { name: 'Review' }).click()
  await second.getByRole('button', { name: 'Commit', exact: true }).click()
  await expect(second.getByRole('status').filter({ hasText: 'Committed.' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Pending changes' })).toBeHidden()
})

test.describe('somebody of their own', () => {
  test.use({ who: 'visitor' })

  test('Who signs out in one tab is asked to sign in at the next step in the other', async ({
    page,
    context,
    mishaps,
  }) => {
    mishaps.provoke(/status of 401/)
    await addUser('tess', 'viewer', 'a password for tess')
    await signIn(page, 'tess', 'a password for tess')
    const second = await context.newPage()
    await second.goto(paths.namespace('local', ['demo']))
    await expect(second.getByRole('link', { name: 'birdstrikes' }).last()).toBeVisible()
    await page.getByRole('button', { name: 'Account of tess' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/\/login/)
    await second.getByRole('link', { name: 'birdstrikes' }).last().click()
    await expect(
      second.getByText('Sign in to continue').or(second.getByLabel('Password', { exact: true })),
    ).toBeVisible()
  })
})
