import path from 'node:path'
import type { Page } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { apiPath, fetchJson } from './support/lake'
import { home } from './support/personas'

const WAREHOUSE = `file://${path.join(home(), 'warehouse')}`
const SECRET = 'hunter2-hunter2-hunter2'

test.use({ persona: 'admin' })

test('An admin opens a table from its metadata file and reads its rows', { tag: '@journey' }, async ({ page }) => {
  const { location } = await fetchJson<{ location: string }>(page.request, apiPath(FLIGHTS))
  await openTemplate(page, 'Metadata files')
  await page.getByLabel('Catalog name', { exact: true }).fill('copies')
  await page.getByLabel('Label (optional)').fill('archive')
  await page.getByLabel('Namespace 1', { exact: true }).fill('copied')
  await page.getByLabel('Table 1', { exact: true }).fill('flights')
  await page.getByLabel('Location 1', { exact: true }).fill(location)
  await choose(page, 'Kind', 'Folders on the server')
  await expect(page.getByText(/LAKESHORE_LOCAL_ROOTS allows, one per line: .*warehouse/)).toBeVisible()
  await page.getByLabel('Allowed locations', { exact: true }).fill(WAREHOUSE)
  await expectTestResult(page, 'The metadata of copied.flights can be read')
  await page.getByRole('button', { name: 'Add connection' }).click()
  const row = page.getByRole('grid', { name: 'Connections' }).getByRole('row').filter({ hasText: 'copies' })
  await expect(row).toContainText('works')
  await expect(row).toContainText('archive')

  const copied = { catalog: 'copies', namespace: ['copied'], table: 'flights' }
  await page.goto(paths.table(copied, 'data'))
  await expect(page.getByText('copies ›')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'copied.flights' })).toBeVisible()
  await expect(page.getByRole('main').getByText('archive', { exact: true })).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()).toBeVisible()
  await expectWholeNameOnPhone(page)
  await page.getByRole('tab', { name: 'Settings' }).click()
  await expect(page.getByText('Read only: the table was opened from its metadata file.')).toBeVisible()
  await page.getByRole('tab', { name: 'Snapshots' }).click()
  await expect(
    page.getByRole('grid', { name: 'Snapshots' }).getByRole('gridcell', { name: 'append', exact: true }).first(),
  ).toBeVisible()
  await expect(page.getByRole('button', { name: /^Roll back/ })).toHaveCount(0)
  await page.goto(paths.catalogs())
  await expect(page.getByRole('grid', { name: 'Catalogs' }).getByText('copies')).toBeVisible()

  await page.goto(paths.connections())
  await page.getByRole('link', { name: 'copies' }).click()
  await page.getByRole('button', { name: 'Remove connection' }).click()
  await page.getByLabel('Type copies to confirm').fill('copies')
  await page.getByRole('button', { name: 'Remove connection' }).click()
  await expect(page).toHaveURL(paths.connections())
  await expect(page.getByRole('grid', { name: 'Connections' }).getByText('copies')).toHaveCount(0)
  expect((await page.request.get(apiPath(copied))).status()).toBe(404)
})

test('An admin sees which step of a test fails, and other catalogs still work', async ({ page, pageErrors }) => {
  await openTemplate(page, 'Polaris')
  await page.getByLabel('Catalog name', { exact: true }).fill('nowhere')
  await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9/api/catalog')
  await page.getByLabel('Client id', { exact: true }).fill('lakeshore')
  await page.getByLabel('Client secret', { exact: true }).fill(SECRET)
  await expectTestResult(page, 'Nothing listens there')
  const steps = page.getByRole('list', { name: 'Test' }).getByRole('listitem')
  await expect(steps.nth(0)).toContainText('Address failed')
  await expect(page.getByRole('button', { name: 'Test connection' })).toBeFocused()
  await expect(steps.nth(2)).toContainText('skipped')
  await page.getByRole('button', { name: 'Add connection' }).click()
  await expect(page.getByText('The test failed: Address failed. Add the connection anyway?')).toBeVisible()
  await page.getByRole('button', { name: 'Add anyway' }).click()
  const row = page.getByRole('grid', { name: 'Connections' }).getByRole('row').filter({ hasText: 'nowhere' })
  await expect(row).toContainText('Address failed')
  await row.getByRole('link', { name: 'nowhere' }).click()
  await expect(page.getByLabel('Client secret', { exact: true })).toHaveValue('')
  await expect(page.getByText('Enter a value only to replace it.')).toBeVisible()
  expect(await page.content()).not.toContain(SECRET)
  await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:10/api/catalog')
  pageErrors.expectError(/status of 400/)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(problemNote(page)).toContainText('Enter “Client secret” again')

  await page.goto(paths.catalogs())
  const catalogs = page.getByRole('grid', { name: 'Catalogs' })
  await expect(catalogs.getByRole('row').filter({ hasText: 'nowhere' })).toContainText('did not answer')
  await expect(catalogs.getByRole('row').filter({ hasText: 'local' })).toContainText('embedded')
  await page.getByRole('link', { name: 'Home', exact: true }).click()
  await expect(page.getByText(/^nowhere (cannot be read|has not been read yet)\./)).toBeVisible()
  await expect(page.getByRole('application').first()).toBeVisible()

  const { connections } = await fetchJson<{ connections: { connectionId: string; name: string }[] }>(
    page.request,
    '/api/v1/connections',
  )
  const stored = connections.find(({ name }) => name === 'nowhere')
  expect(JSON.stringify(connections)).not.toContain(SECRET)
  const removeUrl = `/api/v1/connections/${stored?.connectionId}?confirmedName=nowhere`
  expect((await page.request.delete(removeUrl)).ok()).toBe(true)
})

/** The star takes the room of a name on phones, so it has to be there. */
async function expectWholeNameOnPhone(page: Page): Promise<void> {
  const size = page.viewportSize() ?? { width: 1440, height: 900 }
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole('main').getByRole('button', { name: 'Favourite' })).toBeVisible()
  const heading = page.getByRole('heading', { name: 'copied.flights' })
  for (const part of ['copied', 'flights']) {
    const text = heading.getByText(part, { exact: true })
    await expect(text).toBeVisible()
    await expect
      .poll(() => text.evaluate((shown) => shown.scrollWidth - shown.clientWidth), part)
      .toBeLessThanOrEqual(0)
  }
  await page.setViewportSize(size)
}

/** Tests the connection until the result has the text. It retries, because a step times out on a busy machine. */
async function expectTestResult(page: Page, text: string): Promise<void> {
  await expect(async () => {
    await page.getByRole('button', { name: 'Test connection' }).click()
    await expect(page.getByRole('list', { name: 'Test' })).toContainText(text, { timeout: 20_000 })
  }).toPass()
}

async function openTemplate(page: Page, template: string): Promise<void> {
  await page.goto(paths.newConnection())
  await page.getByRole('list', { name: 'Kinds of catalog' }).getByRole('button', { name: template }).click()
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByRole('option', { name: option }).click()
}
