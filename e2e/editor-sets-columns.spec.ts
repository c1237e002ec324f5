import { FLIGHTS, labTable, paths } from './support/addresses'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { apiPath } from './support/lake'

test.describe('an editor', () => {
  test.use({ persona: 'editor' })

  test('An editor tries codecs on real pages, sets the codec of one column in the studio, and the next load writes it', async ({
    page,
  }) => {
    const table = labTable('studio')
    await createTripsTable('lab.studio', tripsCsv(1n, 2000))
    await page.goto(paths.table(table, 'settings'))
    await page.getByRole('link', { name: 'Compression studio' }).click()
    const columns = page.getByRole('grid', { name: 'Columns' })
    await expect(columns.getByRole('row', { name: /^city/ })).toContainText('zstd 100.0%')
    await expect(page.getByText('Footers of 1 of 1 file')).toBeVisible()

    await columns.getByRole('row', { name: /^city/ }).click()
    await expect(page).toHaveURL(/column=\d+/)
    const tray = page.getByRole('region', { name: 'Pending changes' })
    const whatIf = page.getByRole('region', { name: 'What if' })
    await expect(whatIf).toContainText('No sample of this column yet.')
    await whatIf.getByRole('button', { name: 'Sample' }).click()
    const codecs = whatIf.getByRole('grid', { name: 'Codecs' })
    await expect(codecs.getByRole('row', { name: /^zstd 15/ })).toContainText('MB/s', { timeout: 240_000 })
    await codecs.getByRole('row', { name: /^gzip 6/ }).click()
    await expect(codecs.getByRole('row', { name: /^gzip 6/ })).toContainText('chosen')
    await whatIf.getByRole('button', { name: 'Add to changes' }).click()
    await expect(tray).toContainText('2 changes')

    const settings = page.getByRole('region', { name: 'Settings of city' })
    // The row of the chosen column has the fields of its codec.
    const codec = columns.getByRole('combobox', { name: 'Codec of city' })
    const level = columns.getByRole('combobox', { name: 'Level of city' })
    await codec.click()
    await page.getByRole('option', { name: 'brotli' }).click()
    await level.click()
    await page.getByRole('option', { name: '5', exact: true }).click()
    await expect(settings).toContainText('cannot read brotli')
    await expect(columns.getByRole('row', { name: /^city/ }).getByTitle('Changed, not committed')).toBeVisible()
    await expect(tray).toContainText('2 changes')
    await settings.getByRole('textbox', { name: 'Rows per page, at most' }).fill('none')
    await expect(settings).toContainText('The value should be a whole number, at least 1.')
    await settings.getByRole('textbox', { name: 'Rows per page, at most' }).fill('50')

    await page.getByRole('button', { name: 'Review' }).click()
    const review = page.getByRole('complementary', { name: /^Review/ })
    await expect(review).toContainText('Set the codec of city to brotli')
    await expect(review).toContainText('Set the compression level of city to 5')
    await expect(review).toContainText('Set the row limit of pages of city to 50')
    await expect(review).toContainText('cannot read files with the codec brotli')
    await expect(review).toContainText('Only Lakeshore follows settings of single columns')
    await review.getByRole('button', { name: 'Commit' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()

    await appendTrips('lab.studio', tripsCsv(1000n, 200))
    await page.reload()
    await expect(codec).toHaveValue('brotli')
    await expect(level).toHaveValue('5')
    for (const share of [/brotli [\d.]+%/, /zstd [\d.]+%/])
      await expect(columns.getByRole('row', { name: /^city/ })).toContainText(share)
    await expect(columns.getByRole('row', { name: /^id/ })).toContainText('zstd 100.0%')
  })
})

test('A viewer reads the studio, may propose settings, and is offered no trials', async ({ page }) => {
  await page.goto(paths.compressionStudio(FLIGHTS))
  await expect(page.getByRole('grid', { name: 'Columns' }).getByRole('row', { name: /^origin/ })).toContainText('zstd')
  await expect(page.getByText('Your changes become a proposal for another user to commit.')).toBeVisible()
  const columns = page.getByRole('grid', { name: 'Columns' })
  await expect(columns.getByRole('combobox', { name: /^Codec of/ })).toBeEnabled()
  await expect(page.getByRole('region', { name: 'What if' })).toContainText('You need the editor role to take one.')
  await expect(page.getByRole('button', { name: 'Sample' })).toHaveCount(0)
  const response = await page.request.post(`${apiPath(FLIGHTS)}/compression-trials`, { data: { fieldId: 1 } })
  expect(response.status()).toBe(403)
})
