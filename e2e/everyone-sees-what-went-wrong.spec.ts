import { rm, truncate } from 'node:fs/promises'
import { FLIGHTS, labTable, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { fetchFiles, type LakeFile, localPath } from './support/lake'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'

test('A truncated Parquet file is named in place of its rows', async ({ page }) => {
  const table = labTable('truncated')
  await createTripsTable('lab.truncated', tripsCsv(1n, 20))
  const [file] = await fetchFiles(page.request, table)
  if (!file) throw new Error('the load has written no file')
  await truncate(localPath(file), file.fileSizeBytes - 100)
  await page.goto(paths.table(table, 'data'))
  await expect(problemNote(page)).toContainText('Damaged or unreadable file')
  await expect(problemNote(page)).toContainText(fileName(file))
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
})

test('A missing Parquet file is named on the data page and in a query', async ({ page }) => {
  const table = labTable('missing')
  await createTripsTable('lab.missing', tripsCsv(1n, 20))
  await appendTrips('lab.missing', tripsCsv(100n, 20))
  const [file] = await fetchFiles(page.request, table)
  if (!file) throw new Error('the load has written no file')
  await rm(localPath(file))
  await page.goto(paths.table(table, 'data'))
  await expect(problemNote(page)).toContainText('A file of the table is missing')
  await expect(problemNote(page)).toContainText(fileName(file))
  await page.goto(paths.query('select count(distinct city) from lab.missing'))
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(problemNote(page)).toContainText('A file of the table is missing')
  await expect(problemNote(page)).toContainText(fileName(file))
})

test('A missing table, namespace and page are reported as not found', async ({ page, pageErrors }) => {
  pageErrors.expectError(/status of 404/)
  await page.goto(paths.table({ ...FLIGHTS, table: 'no-such-table' }))
  await expect(problemNote(page)).toContainText('Not found')
  await expect(problemNote(page)).toContainText('demo.no-such-table')
  await page.goto(paths.namespace('local', ['no-such-namespace']))
  await expect(problemNote(page)).toContainText('no-such-namespace')
  await page.goto('/no/such/page')
  await expect(page.getByRole('main')).toContainText('There is no page at this address.')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).waitFor()
  await page.goto('/settings')
  await expect(page).toHaveURL(paths.account())
})

test('A tab, and a dialog whose code is not loaded yet, wait for the connection offline, and the console stays', async ({
  page,
  context,
  pageErrors,
}) => {
  pageErrors.expectError(/ERR_INTERNET_DISCONNECTED/)
  await page.goto(paths.table(FLIGHTS))
  await expect(page.getByRole('heading', { name: 'Newest commits' })).toBeVisible()
  await context.setOffline(true)
  await page.getByRole('tab', { name: 'Schema' }).click()
  await expect(page.getByText('Lakeshore cannot be reached.')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Newest commits' })).toBeVisible()
  await context.setOffline(false)
  const schema = page.getByRole('table', { name: 'Schema' })
  await expect(schema).toContainText('destination')
  await expect(page.getByText('Lakeshore cannot be reached.')).toBeHidden()

  await context.setOffline(true)
  await page.keyboard.press('Shift+?')
  await expect(page.getByText('Lakeshore cannot be reached.')).toBeVisible()
  await expect(schema).toBeVisible()
  await context.setOffline(false)
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expect(page.getByText('Lakeshore cannot be reached.')).toBeHidden()
})

test('A page says when the server is unreachable, and continues when it is back', async ({
  page,
  context,
  pageErrors,
}) => {
  pageErrors.expectError(/ERR_INTERNET_DISCONNECTED/)
  await page.goto(paths.table(FLIGHTS))
  await expect(page.getByRole('heading', { name: 'Newest commits' })).toBeVisible()
  await page.getByRole('button', { name: /^As of/ }).click()
  const choice = page.getByRole('dialog', { name: 'As of' }).getByRole('button', { name: /q1-2001/ })
  await expect(choice).toBeVisible()
  await context.setOffline(true)
  await choice.click()
  await expect(problemNote(page)).toContainText('Lakeshore does not answer')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('region', { name: 'Time travel' })).toContainText('q1-2001')
})

function fileName({ path }: LakeFile): string {
  return path.split('/').at(-1) ?? path
}
