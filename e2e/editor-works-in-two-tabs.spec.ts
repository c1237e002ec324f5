import { labTable, paths } from './support/addresses'
import { expect, signIn, test } from './support/fixtures'
import { addUser } from './support/cli'
import { createEmptyTable } from './support/empty-table'

test.use({ persona: 'editor' })

test('A change in one tab is pending in the other, and committed in both after the commit', async ({
  page,
  context,
}) => {
  await createEmptyTable('tabs')
  const address = paths.table(labTable('tabs'), 'settings')
  await page.goto(address)
  const secondTab = await context.newPage()
  await secondTab.goto(address)
  await expect(secondTab.getByRole('combobox', { name: 'Codec', exact: true })).toHaveValue('zstd')
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'gzip' }).click()
  const tray = secondTab.getByRole('region', { name: 'Pending changes' })
  await expect(tray).toContainText('gzip')
  await tray.getByRole('button', { name: 'Review' }).click()
  await secondTab.getByRole('button', { name: 'Commit', exact: true }).click()
  await expect(secondTab.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Pending changes' })).toBeHidden()
  await expect(page.getByText('The changes were committed in another tab.')).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Codec', exact: true })).toHaveValue('gzip')
})

test.describe('a new user', () => {
  test.use({ persona: 'visitor' })

  test('Signing out in one tab takes all tabs to the sign-in, without the text of a query', async ({
    page,
    context,
    pageErrors,
  }) => {
    await addUser('tess', 'viewer', 'a password for tess')
    await signIn(page, 'tess', 'a password for tess')
    const secondTab = await context.newPage()
    await secondTab.goto(paths.query('select 12345'))
    await expect(secondTab.getByRole('button', { name: 'Run', exact: true }).first()).toBeVisible()
    // Requests that a page has open are refused.
    pageErrors.allowError(/status of 401/)
    await page.getByRole('button', { name: 'Account of tess' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/\/login/)
    await expect(secondTab).toHaveURL(/\/login$/)
    expect(await secondTab.evaluate(() => JSON.stringify(Object.entries(sessionStorage)))).not.toContain('12345')
  })
})
