import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { typeName } from './support/panels'

test.use({ persona: 'editor' })

test('An editor rolls back a load after reviewing the impact, and undoes it', { tag: '@journey' }, async ({ page }) => {
  const table = labTable('rollback')
  const first = await createTripsTable('lab.rollback', tripsCsv(9_007_199_254_740_993n, 40))
  const second = await appendTrips('lab.rollback', tripsCsv(9_007_199_254_741_993n, 60))
  await page.goto(paths.table(table, 'snapshots'))
  await openRollback(page, first)

  const panel = page.getByRole('complementary', { name: 'Roll back main' })
  const rows = panel.getByRole('table', { name: 'Impact' }).getByRole('row', { name: /^Rows/ })
  await expect(rows).toContainText('100')
  await expect(rows).toContainText('−60')
  await expect(rows).toContainText('40')
  await expect(panel).toContainText('Nothing has changed yet')
  await expect(panel).toContainText('assert-ref-snapshot-id')
  await expect(panel).toContainText(`"snapshot-id": ${first}`)
  const rollBack = panel.getByRole('button', { name: 'Roll back' })
  await expect(rollBack).toBeDisabled()
  await panel.getByLabel(/^Type/).fill('lab.rollbac')
  await expect(rollBack).toBeDisabled()
  await typeName(panel, 'lab.rollback')
  await rollBack.click()
  await expect(page.getByRole('status').filter({ hasText: 'main was rolled back.' })).toBeVisible()
  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(40)
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '41')

  await page.getByRole('tab', { name: 'History' }).click()
  const entry = page.getByRole('row').filter({ hasText: 'Roll back' })
  await expect(entry).toContainText('editor')
  await expect(entry).toContainText(`${second} → ${first}`)
  await entry.getByRole('button', { name: 'Undo' }).click()
  const undoPanel = page.getByRole('complementary', { name: 'Undo: Roll back' })
  await expect(undoPanel).toContainText('main moves forward 1 snapshot.')
  await expect(undoPanel.getByRole('region', { name: 'The commit' })).not.toContainText('before-undo')
  await undoPanel.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '101')
})

test('Undoing a load shows its impact, asks for the name of the table, and keeps the tip with a tag', async ({
  page,
}) => {
  const table = labTable('unload')
  const first = await createTripsTable('lab.unload', tripsCsv(1n, 10))
  const second = await appendTrips('lab.unload', tripsCsv(100n, 20))
  await page.goto(paths.table(table, 'history'))
  const offers = page.getByRole('button', { name: /^Undo/ })
  await expect(offers).toHaveCount(1)
  await offers.click()
  const panel = page.getByRole('complementary', { name: 'Undo: Append' })
  await expect(panel.getByRole('table', { name: 'Impact' }).getByRole('row', { name: /^Rows/ })).toContainText('−20')
  await expect(page).toHaveURL(/undo=/)
  await page.goBack()
  await expect(panel).toBeHidden()
  await page.goForward()
  await expect(panel.getByRole('button', { name: 'Undo' })).toBeDisabled()
  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(30)
  const tagName = await panel.getByLabel('Safety tag name').inputValue()
  await typeName(panel, 'lab.unload')
  await panel.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  const { figures, refs } = await fetchTableDetail(page.request, table)
  expect(figures.rowCount).toBe(10)
  expect(refs.find(({ name }) => name === tagName)).toMatchObject({ type: 'tag', snapshotId: second })
  expect(refs.find(({ name }) => name === 'main')).toMatchObject({ snapshotId: first })
  // The older load led to the same tip, but is not the last move of main.
  await expect(offers).toHaveCount(1)
})

async function openRollback(page: Page, snapshotId: string): Promise<void> {
  await page.getByRole('button', { name: `${snapshotId} options` }).click()
  await page.getByRole('menuitem', { name: /^Roll main back/ }).click()
}
