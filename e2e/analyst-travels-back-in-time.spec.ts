import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'

test('An analyst views flights two snapshots ago, and a shared link shows the same', { tag: '@journey' }, async ({
  page,
  openPageAs,
}) => {
  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const pastSnapshotId = timeline.at(-3)?.snapshotId ?? ''
  const { figures } = await fetchTableDetail(page.request, FLIGHTS, { snapshotId: pastSnapshotId })
  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  await page
    .getByRole('row')
    .filter({ hasText: pastSnapshotId })
    .getByRole('button', { name: / options$/ })
    .click()
  await page.getByRole('menuitem', { name: 'View the table at this snapshot' }).click()
  await expect(page).toHaveURL(new RegExp(`snapshot=${pastSnapshotId}`))
  const band = page.getByRole('region', { name: 'Time travel' })
  await expect(band).toContainText(`snapshot ${pastSnapshotId}`)
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'data', { snapshotId: pastSnapshotId }))
  const rows = page.getByRole('grid', { name: 'Rows' })
  await expect(rows).toHaveAttribute('aria-rowcount', String(figures.rowCount + 1))
  expect(figures.rowCount).toBeLessThan(3_000_000)

  const other = await openPageAs('editor')
  await other.goto(page.url())
  await expect(other.getByRole('region', { name: 'Time travel' })).toContainText(`snapshot ${pastSnapshotId}`)
  await expect(other.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', String(figures.rowCount + 1))

  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(band).toBeHidden()
  await expect(rows).toHaveAttribute('aria-rowcount', '3000001')
})

test('The as-of control accepts a tag, a snapshot and a time, and each is in the URL', async ({ page, pageErrors }) => {
  const { refs, timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const tag = refs.find(({ type }) => type === 'tag')
  const [, second] = timeline
  if (!tag || !second) throw new Error('the demo lake has no tag or no history')
  await page.goto(paths.table(FLIGHTS, 'files'))
  const control = page.getByRole('button', { name: /^As of/ })
  const picker = page.getByRole('dialog', { name: 'As of' })
  const shown = page.getByRole('region', { name: 'Time travel' })

  await control.click()
  await picker.getByRole('searchbox').fill(tag.name)
  await picker.getByRole('button', { name: new RegExp(tag.name) }).click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'files', { ref: tag.name }))
  await expect(shown).toContainText(`As of tag ${tag.name} · snapshot ${tag.snapshotId}`)

  await control.click()
  await picker.getByRole('searchbox').fill(second.snapshotId)
  await picker
    .getByRole('button', { name: new RegExp(second.snapshotId) })
    .last()
    .click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'files', { snapshotId: second.snapshotId }))
  await expect(shown).toContainText(`snapshot ${second.snapshotId}`)

  await control.click()
  // The table has no state in the future.
  pageErrors.expectError(/status of 404/)
  await page.getByLabel('At a time').fill('2100-01-01T00:00:00')
  await picker.getByRole('button', { name: 'Apply' }).click()
  await expect(page).toHaveURL(/at=2(100-01-01|099-12-31)T/)
  await expect(page.getByText('This time is in the future', { exact: false }).first()).toBeVisible()

  await page.goBack()
  await expect(shown).toContainText(`snapshot ${second.snapshotId}`)
})
