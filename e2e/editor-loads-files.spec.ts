import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { createTable } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'

test.use({ persona: 'editor' })

const FIELDS = [
  { id: 1, name: 'trip_id', type: 'long', required: true },
  { id: 2, name: 'fare', type: 'decimal(9, 2)', required: false },
  { id: 3, name: 'picked_up_on', type: 'date', required: false },
  { id: 4, name: 'city', type: 'string', required: false },
] as const

/** Semicolons, decimal commas, German dates, other names, and a fare that is not a number. */
const FARES = [
  'trip;fare;start;mail',
  '9007199254740993;18,40;01.10.2026;a@mail.example',
  '9007199254740994;k. A.;02.10.2026;b@mail.example',
  '9007199254740995;1.204,50;03.10.2026;c@mail.example',
  '',
].join('\n')

test('An editor drops a file with bad rows, corrects how it is read, sees rows, run and rejects, and loads the corrected rows', {
  tag: '@journey',
}, async ({ page }) => {
  const table = labTable('fares')
  await createTable('lab.fares', FIELDS, 'trip_id,fare,picked_up_on,city\n1,2.50,2026-01-01,Oslo\n')
  await page.goto(paths.load(table))
  const review = page.getByRole('complementary', { name: 'Review' })
  const load = review.getByRole('button', { name: 'Load' })
  await expect(review).toContainText('Add the files to load.')
  await expect(load).toBeDisabled()
  await dropFile(page, 'fares.csv', FARES)
  await expect(page.getByRole('list', { name: 'Files' })).toContainText('uploaded')

  await choose(page, 'Delimiter', ';')
  await expect(review).toContainText('3 fields have no column.')
  await choose(page, 'Column for trip', 'trip_id')
  await choose(page, 'Column for start', 'picked_up_on')
  await choose(page, 'Column for mail', 'leave out')
  await choose(page, 'Values of city', 'the same for every row')
  await page.getByLabel('Value of city').fill('Berlin')
  await page.getByLabel('Dates').fill('%d.%m.%Y')
  await choose(page, 'Numbers', '1.234,56')
  await expect(review).toContainText('The load would stop: 1 of 3 rows would be rejected')
  await expect(page.getByRole('region', { name: 'First rows' })).toContainText('1204.50')
  await page.getByLabel('Null text').fill('k. A.')
  await expect(review).toContainText('Ready to load. 3 rows fit.')
  await page.getByLabel('Null text').fill('')
  await page.getByLabel('Rejected rows that do not stop the load').fill('10')
  await expect(review).toContainText('Ready to load. 1 of 3 rows would be rejected')
  await load.click()

  await expect(page).toHaveURL(/\/ingest\/runs\//)
  const run = page.getByRole('main')
  await expect(run.getByRole('heading', { name: 'Load into lab.fares' })).toBeVisible()
  await expect(run).toContainText('finished, 1 row rejected')
  const rejects = run.getByRole('table', { name: 'Rejected rows' }).getByRole('row').nth(1)
  await expect(rejects.getByRole('cell')).toContainText(['3', 'fare', 'k. A.', '', '9007199254740994;k. A.;02.10.2026'])
  await expect(rejects.locator('mark')).toHaveText(['k. A.', 'k. A.'])
  const snapshot = run.getByRole('table', { name: 'The snapshot it makes' })
  await expect(snapshot.getByRole('row', { name: /^Rows/ }).getByRole('cell')).toHaveText(['Rows', '1', '+2', '3'])
  await expect(run.getByRole('link', { name: 'Roll back…' })).toBeVisible()

  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(3)

  await run.getByRole('link', { name: 'Correct and load again' }).first().click()
  const rows = page.getByRole('textbox', { name: 'Rejected rows' })
  await expect(rows).toHaveValue('trip;fare;start;mail\n9007199254740994;k. A.;02.10.2026;b@mail.example\n')
  await page.getByRole('button', { name: 'line 3 k. A.' }).click()
  await page.keyboard.type('21,00')
  await expect(page.getByRole('status').filter({ hasText: '1 of 1 value changed' })).toBeVisible()
  await page.getByRole('button', { name: 'Use these rows' }).click()
  await expect(review).toContainText('Ready to load. 1 row fits.')
  await expect(review).toContainText('"correctsRun"')
  await load.click()
  await expect(run).toContainText('corrected-rows.csv')
  await expect(run).toContainText('succeeded')
  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(4)
  await run.getByRole('link', { name: /^the rejected rows of run / }).click()
  await expect(run).toContainText('The rejected rows were corrected')
  await expect(run).toContainText('committed 1 row')

  await page.goto(paths.table(table, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toContainText('9007199254740995')
  await expect(grid).toContainText('1204.50')
  await expect(grid).toContainText('2026-10-03')
  await expect(grid).toContainText('Berlin')
  await expect(grid).toContainText('21.00')
})

test('An editor pastes rows, leaves the page, and finds them there', async ({ page }) => {
  const table = labTable('pasted-rows')
  // Without values in its other columns, so that rows without them need no confirmation.
  await createTable('lab.pasted-rows', FIELDS, 'trip_id,fare,picked_up_on,city\n1,,,\n')
  await page.goto(paths.load(table))
  await page.getByRole('button', { name: 'Paste rows' }).click()
  await page.getByLabel('Rows', { exact: true }).fill('{"trip_id": 9007199254740993, "city": "Bergen"}\n')
  await page.getByRole('button', { name: 'Use these rows' }).click()
  const review = page.getByRole('complementary', { name: 'Review' })
  await expect(review).toContainText('Ready to load. 1 row fits.')
  await page.getByLabel('Rows', { exact: true }).fill('{"trip_id": "x"}\n')
  await page.getByRole('button', { name: 'Use the changed rows' }).click()
  await expect(review).toContainText('The load would stop: 1 of 1 row would be rejected')
  await expect(page.getByRole('list', { name: 'Files' }).getByRole('listitem')).toHaveCount(1)
  await page.getByRole('button', { name: 'Remove pasted-rows.ndjson' }).click()
  await expect(page.getByRole('button', { name: 'Use these rows' })).toBeEnabled()
  await page.getByLabel('Rows', { exact: true }).fill('{"trip_id": 9007199254740993}\n')
  await page.getByRole('button', { name: 'Use these rows' }).click()
  await expect(review).toContainText('Ready to load. 1 row fits.')

  await page.reload()
  await page.getByRole('button', { name: 'Use pasted-rows.ndjson' }).click()
  await expect(review).toContainText('Ready to load. 1 row fits.')
  await review.getByRole('button', { name: 'Load' }).click()
  await expect(page.getByRole('main')).toContainText('Load into lab.pasted-rows')
  await expect(page.getByRole('main')).toContainText('succeeded')
  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(2)
})

async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], name, { type: 'text/csv' }))
      return transfer
    },
    [name, text] as const,
  )
  await page.getByRole('button', { name: 'Drop files here, or choose them' }).dispatchEvent('drop', { dataTransfer })
}

/** Chooses how the file is read, and waits for its rows: those of the steps above may have another height then. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click()
  const previewed = page.waitForResponse((response) => response.url().endsWith('/loads/preview'))
  // The list of the choice before may still be closing.
  const list = page.getByRole('listbox', { name: label })
  await list.getByRole('option', { name: option, exact: true }).click()
  await previewed
}
