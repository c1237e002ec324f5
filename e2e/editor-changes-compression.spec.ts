import { labTable, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { apiPath, fetchTableDetail, fetchFiles } from './support/lake'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'

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
  await page.getByRole('tab', { name: 'Settings' }).click()
  await expect(page.getByText(/^snappy [\d.]+ K?i?B, 1 file$/)).toBeVisible()
  await page.getByRole('tab', { name: 'History' }).click()
  const entry = page.getByRole('row').filter({ hasText: 'Set properties' })
  await expect(entry).toContainText('editor')
  await expect(entry).toContainText('zstd → snappy')

  // A worker reads the footers of the new file some seconds after its commit.
  const written = page.getByRole('table', { name: 'What makes it up' }).getByRole('row', { name: /^snappy/ })
  await expect(async () => {
    await page.goto(`${paths.compressionDashboard()}?catalog=local&namespace=lab&view=codec`)
    await expect(written).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 60_000 })
  const otherwise = page.getByRole('table', { name: 'Written otherwise than set' })
  await expect(otherwise.getByRole('row').filter({ hasText: 'lab.codec' })).toContainText('written as zstd')
})

test('A change of another user is shown before the review and refused after it, and Undo restores the value before', async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  const table = labTable('conflict')
  await createEmptyTable('conflict')
  await page.goto(paths.table(table, 'settings'))
  const codec = page.getByRole('combobox', { name: 'Codec', exact: true })
  await codec.click()
  await page.getByRole('option', { name: 'snappy' }).click()

  const { request: admin } = await openPageAs('admin')
  const commitAsAdmin = async (value: string, base: string) => {
    const response = await admin.post(`${apiPath(table)}/changes`, {
      data: { intents: [{ kind: 'set-property', key: 'write.parquet.compression-codec', value, base }] },
    })
    expect(response.status()).toBe(200)
  }
  await commitAsAdmin('gzip', 'zstd')
  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  const conflict = review.getByRole('region', { name: 'Conflicts' })
  await expect(conflict.getByRole('listitem').filter({ hasText: 'compression-codec' })).toContainText(
    /zstd.*gzip.*snappy/s,
  )
  await expect(review.getByRole('button', { name: 'Commit' })).toBeDisabled()
  await conflict.getByRole('button', { name: 'Use mine' }).click()
  await review.getByRole('button', { name: 'Commit' }).click()
  const committed = page.getByRole('status').filter({ hasText: 'Committed:' })
  await expect(committed).toBeVisible()
  await expect(codec).toHaveValue('snappy')

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await expect(codec).toHaveValue('gzip')

  await codec.click()
  await page.getByRole('option', { name: 'zstd' }).click()
  await page.getByRole('button', { name: 'Review' }).click()
  await expect(review.getByRole('button', { name: 'Commit' })).toBeEnabled()
  await commitAsAdmin('snappy', 'gzip')
  pageErrors.expectError(/status of 409/)
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(problemNote(page)).toContainText('This does not fit the table as it is now')
  const { properties } = await fetchTableDetail(page.request, table)
  expect(properties['write.parquet.compression-codec']).toBe('snappy')
  await expect(page.getByRole('region', { name: 'Pending changes' })).toContainText('1 change')
})
