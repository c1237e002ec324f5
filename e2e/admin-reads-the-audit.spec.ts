import { readFileSync } from 'node:fs'
import { FLIGHTS, labTable, paths } from './support/addresses'
import { expect, navigateByKeys, test } from './support/fixtures'
import { apiPath } from './support/lake'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'

test.use({ persona: 'admin' })

test('An admin finds a change and a refusal, opens them, and exports what fits, and an analyst is refused the audit', async ({
  page,
  openPageAs,
}) => {
  const table = labTable('audited')
  await createTripsTable('lab.audited', tripsCsv(1n, 10))
  await appendTrips('lab.audited', tripsCsv(100n, 10))
  const viewer = await openPageAs('viewer')
  const drop = { isPurge: false, metadataLocation: null, confirmedName: 'lab.audited' }
  const refused = await viewer.request.post(`${apiPath(table)}/drop`, { data: drop })
  expect(refused.status(), 'a viewer may not drop a table').toBe(403)
  expect((await viewer.request.get('/api/v1/audit')).status()).toBe(403)
  expect((await viewer.request.get('/api/v1/audit/export?format=csv')).status()).toBe(403)
  await viewer.goto(paths.audit())
  await expect(viewer.getByText('Only admins see the audit of everything.')).toBeVisible()
  await expect(viewer.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Query' })).toBeVisible()
  await expect(viewer.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' })).toHaveCount(0)

  await page.goto('/')
  await navigateByKeys(page, 'a', paths.audit())
  const list = page.getByRole('grid', { name: 'Audit' })
  await page.getByRole('searchbox', { name: 'Who, table, request id' }).fill('lab.audited')
  await expect(page).toHaveURL(/q=lab\.audited/)
  // The list of before is replaced under a pointer that is too quick.
  await expect(list.getByRole('row').filter({ hasText: 'Sign in' })).toHaveCount(0)
  const loaded = list.getByRole('row').filter({ hasText: 'Append' }).first()
  await expect(loaded).toContainText('lab.audited')

  await loaded.getByRole('link').first().click()
  const panel = page.getByRole('complementary', { name: 'Append' })
  await expect(panel).toContainText('Metadata after')
  await expect(page).toHaveURL(/\/audit\/[0-9A-Z]{26}\?q=lab\.audited/)
  await page.reload()
  await expect(panel, 'the entry is in the address').toContainText('Metadata after')
  await panel.getByRole('link', { name: 'Undo…' }).click()
  await expect(page).toHaveURL(/tables\/audited\/history\?undo=/)
  await expect(page.getByRole('complementary', { name: 'Undo: Append' })).toBeVisible()

  await page.goto(paths.audit({ ...FLIGHTS, namespace: ['lab'], table: 'audited' }))
  await page.getByText('Refused', { exact: true }).click()
  const refusal = list.getByRole('row').filter({ hasText: 'Request refused' })
  await expect(refusal).toContainText('drop table')

  await page.getByRole('button', { name: 'Export' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^NDJSON/ }).click()
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\n')
  const entries = lines.map((line) => JSON.parse(line))
  expect(entries.every(({ outcome, table: on }) => outcome === 'refused' && on.table === 'audited')).toBe(true)
  expect(entries.length).toBeGreaterThan(0)
  expect(entries.every(({ time, atMs }) => Date.parse(time) === atMs)).toBe(true)
})
