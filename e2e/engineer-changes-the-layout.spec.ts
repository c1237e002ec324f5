import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { createTable, createTripsTable, tripsCsv } from './support/cli'
import { copyFlights } from './support/flights-copy'

test.use({ persona: 'editor' })

/** A safeguard: a sample takes seconds. */
const SAMPLE_TIMEOUT_MS = 120_000

const tray = (page: Page) => page.getByRole('region', { name: 'Pending changes' })
const simulated = (page: Page) => page.getByRole('grid', { name: 'Simulated layouts' })
const layoutRow = (page: Page, label: string) => simulated(page).getByRole('row').filter({ hasText: label })

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field, exact: true }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('An engineer repartitions and sorts flights in one commit, and undoes it', { tag: '@journey' }, async ({
  page,
}) => {
  test.slow()
  const table = await copyFlights('departures')
  const before = await fetchFiles(page.request, table)
  const sumSql = `select count(*), sum(distance), min(date) from ${readParquetSql(before)}`
  const rows = await queryDuckdb(sumSql)
  await page.goto(paths.table(table, 'layout'))
  const held = page.getByRole('table', { name: 'Partition specs' })
  await expect(held.getByRole('row').filter({ hasText: 'day(date)' })).toContainText('502,228')
  await expect(held.getByRole('row').filter({ hasText: 'month(date)' })).toContainText('2,497,772')

  // A candidate with two fields is compared, then used.
  await page.getByRole('button', { name: 'Candidate', exact: true }).click()
  const form = page.getByRole('group', { name: 'New candidate' })
  await choose(page, 'Column of the candidate', 'date')
  await page.getByRole('combobox', { name: 'Transform of the candidate' }).click()
  await expect(page.getByRole('option', { name: /^truncate: / })).toHaveAttribute('data-combobox-disabled', 'true')
  await page.getByRole('option', { name: 'month' }).click()
  await form.getByRole('button', { name: 'And by another field' }).click()
  await choose(page, 'Column of field 2 of the candidate', 'origin')
  await choose(page, 'Transform of field 2 of the candidate', 'bucket')
  await page.getByRole('textbox', { name: 'Buckets of field 2 of the candidate' }).fill('4')
  await page.getByRole('textbox', { name: 'Buckets of field 2 of the candidate' }).press('Enter')
  await form.getByRole('button', { name: 'Compare' }).click()
  const both = layoutRow(page, 'month(date), bucket[4](origin)')
  // The server samples rows of every file.
  await expect(both).toContainText('≈', { timeout: SAMPLE_TIMEOUT_MS })
  await both.getByRole('button', { name: /^Use/ }).click()
  await expect(both).toContainText('in the tray')

  await page.getByRole('button', { name: 'Add sort field' }).click()
  const sorts = page.getByRole('list', { name: 'Sort fields' })
  await sorts.getByRole('combobox', { name: /^Column of/ }).click()
  await page.getByRole('option', { name: 'origin', exact: true }).click()
  await choose(page, 'Direction and nulls of origin', 'desc, nulls last')
  await expect(page.getByRole('region', { name: 'How sorted the files are' })).toContainText('bounds of origin', {
    timeout: SAMPLE_TIMEOUT_MS,
  })
  await expect(page.getByRole('region', { name: 'What queries filter on' })).toContainText('Unknown')
  await expect(tray(page)).toContainText('4 changes')
  await expect(page.getByRole('tab', { name: /Layout/ })).toContainText('4')
  await page.reload()
  await expect(both).toContainText('in the tray', { timeout: SAMPLE_TIMEOUT_MS })

  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await expect(review).toContainText('"assert-default-spec-id"')
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
  const spec = page.getByRole('region', { name: 'Partition spec' })
  await expect(spec).toContainText('month(date), bucket[4](origin)')
  await expect(page.getByRole('region', { name: 'Sort order' })).toContainText('origin desc')
  await expect(held.getByRole('row').filter({ hasText: 'today' })).toContainText('bucket[4](origin)')

  // The files are those from before, with their rows.
  const after = await fetchFiles(page.request, table)
  expect(after.map((file) => file.path)).toEqual(before.map((file) => file.path))
  expect(await queryDuckdb(sumSql)).toEqual(rows)

  await page.getByRole('tab', { name: 'History' }).click()
  await page
    .getByRole('row')
    .filter({ hasText: 'bucket[4](origin)' })
    .getByRole('button', { name: /^Undo .+/ })
    .click()
  await page.getByRole('complementary').getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await page.getByRole('tab', { name: /Layout/ }).click()
  await expect(spec.getByRole('list')).toContainText('day(date)')
  await expect(page.getByRole('region', { name: 'Sort order' })).toContainText('unsorted')
})

test('What Iceberg forbids in a partition spec is refused with the reason', async ({ page }) => {
  const fields = [
    { name: 'id', type: 'long', required: true },
    { name: 'at', type: 'timestamp' },
    { name: 'at_month', type: 'string' },
  ]
  await createTable('lab.forbidden-layouts', fields, 'id,at,at_month\n1,2001-01-02T03:04:05,x\n2,2001-02-02T03:04:05,y')
  await page.goto(paths.table(labTable('forbidden-layouts'), 'layout'))
  const list = page.getByRole('list', { name: 'Partition fields' })
  const nameField = (name: string) => list.getByRole('textbox', { name: `Name of the partition field ${name}` })
  // A column has the name that Iceberg would give the field.
  await page.getByRole('button', { name: 'Add partition field' }).click()
  await expect(nameField('at_month_2')).toHaveValue('at_month_2')
  await nameField('at_month_2').fill('at_month')
  await nameField('at_month_2').press('Enter')
  await expect(list).toContainText('same name as a column')
  await nameField('at_month_2').press('Escape')

  await page.getByRole('button', { name: 'Add partition field' }).click()
  await choose(page, 'Column of the partition field id_bucket_16', 'at')
  await page.getByRole('combobox', { name: 'Transform of the partition field at_bucket_16' }).click()
  await expect(page.getByRole('option', { name: /^truncate: / })).toHaveAttribute('data-combobox-disabled', 'true')
  await page.getByRole('option', { name: 'day' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'redundant' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove at_bucket_16' }).click()
  await expect(tray(page)).toContainText('1 change')
})

test.describe('an analyst', () => {
  test.use({ persona: 'viewer' })

  test('reads the layout, compares others, and changes it for a proposal only', async ({ page }) => {
    await createTripsTable('lab.layout-only-read', tripsCsv(1n, 500))
    await page.goto(paths.table(labTable('layout-only-read'), 'layout'))
    await expect(layoutRow(page, 'today')).toContainText('500')
    await page.getByRole('button', { name: 'Candidate', exact: true }).click()
    await choose(page, 'Column of the candidate', 'city')
    await page.getByRole('button', { name: 'Compare' }).click()
    await expect(layoutRow(page, 'city')).toBeVisible()
    await expect(page.getByText('Your changes become a proposal for another user to commit.')).toBeVisible()
    await page.getByRole('button', { name: 'Add sort field' }).click()
    await page.getByRole('button', { name: 'Review' }).click()
    await expect(page.getByRole('button', { name: 'Commit', exact: true })).toBeDisabled()
    await expect(page.getByRole('button', { name: 'Propose…' })).toBeEnabled()
  })
})
