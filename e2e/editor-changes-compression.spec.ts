import { labTable, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { apiPath, fetchTableDetail, fetchFiles } from './support/lake'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'

test.use({ persona: 'editor' })

test('An editor sets the codec, reviews and commits it, and the next load uses it', { tag: '@journey' }, async ({
  page,
}) => {
  const table = labTable('codec')
  await createTripsTable('lab.codec', tripsCsv(1n, 100))
  await page.goto(paths.table(table, 'settings'))
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'snappy' }).click()
  const tray = page.getByRole('region', { name: 'Pending changes' })
  await expect(tray).toContainText('1 change')

  await page.reload()
  await expect(tray).toContainText('Change write.parquet.compression-codec from zstd to snappy')
  await page.getByRole('tab', { name: 'Overview' }).click()
  // The review belongs to the address: an earlier click would open it on the tab that is left.
  await expect(page.getByRole('tab', { name: 'Overview', selected: true })).toBeVisible()
  await expect(tray).toContainText('1 change')
  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await expect(review).toContainText(`POST /v1/local/namespaces/lab/tables/codec`)
  await expect(review).toContainText('"write.parquet.compression-codec": "snappy"')
  await expect(review).toContainText('assert-table-uuid')
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
  await expect(tray).toBeHidden()

  await appendTrips('lab.codec', tripsCsv(1000n, 100))
  expect((await fetchFiles(page.request, table)).map(({ codec }) => codec)).toEqual(['zstd', 'snappy'])
  await page.goto(paths.table(table, 'files'))
  const files = page.getByRole('grid', { name: 'Files' })
  await expect(files).toContainText('zstd')
  await expect(files).toContainText('snappy')
  await page.goto(paths.table(table, 'settings'))
  await expect(page.getByText(/^snappy [\d.]+ K?i?B, 1 file$/)).toBeVisible()

  await page.goto(`${paths.compressionDashboard()}?namespace=lab&view=codec`)
  await expect(page.getByRole('table', { name: 'Sizes by codec' }).getByRole('row', { name: /^snappy/ })).toBeVisible()
  const matrix = page.getByRole('table', { name: 'Configured vs. actual codec' })
  await expect(matrix.getByTitle('snappy is configured')).toBeVisible()

  await page.goto(paths.table(table, 'history'))
  const entry = page.getByRole('row').filter({ hasText: 'Set properties' })
  await expect(entry).toContainText('editor')
  await expect(entry).toContainText('zstd → snappy')
})

test('Undo restores the previous value of a property', async ({ page }) => {
  await createTripsTable('lab.undone', tripsCsv(1n, 5))
  await page.goto(paths.table(labTable('undone'), 'settings'))
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'gzip' }).click()
  await page.getByRole('button', { name: 'Review' }).click()
  await page.getByRole('button', { name: 'Commit', exact: true }).click()
  await expect(page.getByRole('combobox', { name: 'Codec', exact: true })).toHaveValue('gzip')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Codec', exact: true })).toHaveValue('zstd')
})

test('A conflicting change of another user is shown, not overwritten', async ({ page, openPageAs }) => {
  const table = labTable('conflict')
  await createTripsTable('lab.conflict', tripsCsv(1n, 5))
  await page.goto(paths.table(table, 'settings'))
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'snappy' }).click()

  const adminPage = await openPageAs('admin')
  const adminCommit = await adminPage.request.post(`${apiPath(table)}/changes`, {
    data: { intents: [{ kind: 'set-property', key: 'write.parquet.compression-codec', value: 'gzip', base: 'zstd' }] },
  })
  expect(adminCommit.status()).toBe(200)

  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  const conflict = review.getByRole('region', { name: 'Conflicts' })
  await expect(conflict.getByRole('listitem').filter({ hasText: 'compression-codec' })).toContainText(
    /zstd.*gzip.*snappy/s,
  )
  await expect(review.getByRole('button', { name: 'Commit' })).toBeDisabled()
  await conflict.getByRole('button', { name: 'Use mine' }).click()
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
})

test('A commit is rejected when another user commits between review and commit', async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  pageErrors.expectError(/status of 409/)
  const table = labTable('overtaken')
  await createTripsTable('lab.overtaken', tripsCsv(1n, 5))
  await page.goto(paths.table(table, 'settings'))
  await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
  await page.getByRole('option', { name: 'snappy' }).click()
  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await expect(review.getByRole('button', { name: 'Commit' })).toBeEnabled()

  const adminPage = await openPageAs('admin')
  await adminPage.request.post(`${apiPath(table)}/changes`, {
    data: { intents: [{ kind: 'set-property', key: 'write.parquet.compression-codec', value: 'gzip', base: 'zstd' }] },
  })
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(problemNote(page)).toContainText('This does not fit the table as it is now')
  const { properties } = await fetchTableDetail(page.request, table)
  expect(properties['write.parquet.compression-codec']).toBe('gzip')
  await expect(page.getByRole('region', { name: 'Pending changes' })).toContainText('1 change')
})

test('A custom property can be added, and an invalid value is not accepted', async ({ page }) => {
  await createTripsTable('lab.keys', tripsCsv(1n, 5))
  await page.goto(paths.table(labTable('keys'), 'settings'))
  await page.getByRole('button', { name: /^Custom properties/ }).click()
  await page.getByLabel('Key', { exact: true }).fill('owner')
  await page.getByLabel('Value', { exact: true }).fill('the night shift')
  await page.getByRole('button', { name: 'Add property', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Pending changes' })).toContainText('Set owner to the night shift')

  await page.getByRole('searchbox', { name: 'Find a property' }).fill('target-file-size')
  const size = page.getByRole('textbox', { name: 'write.target-file-size-bytes' })
  await size.fill('a lot')
  await expect(size).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByRole('region', { name: 'Pending changes' })).toContainText('1 change')
})
