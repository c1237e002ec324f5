import { labTable, paths } from './support/addresses'
import { appendTrips, createTripsTable, tripsCsv } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { typeName } from './support/panels'

test.use({ persona: 'editor' })

test('An editor deletes the rows that match a filter, and takes it back', async ({ page }) => {
  const table = labTable('pruned')
  await createTripsTable('lab.pruned', tripsCsv(9_007_199_254_740_990n, 100))
  await page.goto(`${paths.table(table, 'data')}?${new URLSearchParams({ where: 'id > 9007199254741080' })}`)
  const shown = page.locator('footer').filter({ hasText: /of \d+ files?/ })
  await expect(shown).toContainText('9 rows match')
  await page.getByRole('button', { name: 'Table actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete matching rows…' }).click()
  const panel = page.getByRole('complementary', { name: 'Delete matching rows' })
  await expect(panel).toContainText('9 rows')
  await typeName(panel, 'lab.pruned')
  await panel.getByRole('button', { name: 'Delete 9 rows' }).click()
  const run = page.getByRole('complementary').filter({ hasText: 'Delete rows' })
  await expect(run).toContainText('succeeded')
  await page.goto(paths.table(table, 'data'))
  await expect(shown).toContainText('91 rows')

  await page.goto(paths.table(table, 'history'))
  const entry = page.getByRole('row').filter({ hasText: 'Delete' })
  await entry.getByRole('button', { name: /^Undo/ }).click()
  const undo = page.getByRole('complementary', { name: /^Undo/ })
  await typeName(undo, 'lab.pruned')
  await undo.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await page.goto(paths.table(table, 'data'))
  await expect(shown).toContainText('100 rows')
})

test('An editor saves the result of a query as a new table, exactly', async ({ page }) => {
  await createTripsTable('lab.summed', tripsCsv(9_007_199_254_740_990n, 10))
  await page.goto(
    paths.query('select id, fare + 0.01 as raised from lab.summed where id > 9007199254740991 order by id'),
  )
  await page.getByRole('button', { name: 'Run', exact: false }).first().click()
  await page.getByRole('button', { name: 'Save as table…' }).click()
  const panel = page.getByRole('complementary', { name: 'Save result as table' })
  await panel.getByLabel('Namespace').fill('lab')
  await panel.getByLabel('Table', { exact: true }).fill('raised')
  await panel.getByRole('button', { name: 'Save as table' }).click()
  await expect(page.getByRole('complementary', { name: 'Save the result of a query' })).toContainText('succeeded')
  const rows = await queryDuckdb(
    `SELECT count(*)::VARCHAR, min(id)::VARCHAR, max(id)::VARCHAR FROM ${readParquetSql(await fetchFiles(page.request, labTable('raised')))}`,
  )
  expect(rows).toEqual([['8', '9007199254740992', '9007199254740999']])
})

test('An editor saves a result that repeats, and each run adds the rows that were appended since', async ({ page }) => {
  await createTripsTable('lab.bronze', tripsCsv(1n, 10))
  await page.goto(paths.query('select id, upper(city) as city from lab.bronze'))
  await page.getByRole('button', { name: 'Run', exact: false }).first().click()
  await page.getByRole('button', { name: 'Save as table…' }).click()
  const panel = page.getByRole('complementary', { name: 'Save result as table' })
  await panel.getByLabel('Namespace').fill('lab')
  await panel.getByLabel('Table', { exact: true }).fill('silver')
  await panel.getByRole('combobox', { name: 'Repeat' }).click()
  await page.getByRole('option', { name: 'Only when I start it' }).click()
  await panel.getByLabel('Name of the saved result').fill('Silver trips')
  await panel.getByRole('checkbox', { name: 'Only rows of lab.bronze appended since the last run' }).check()
  await panel.getByRole('button', { name: 'Save as table' }).click()
  const run = page.getByRole('complementary', { name: 'Silver trips' })
  await expect(run).toContainText('succeeded')
  const countRows = async () =>
    (
      await queryDuckdb(
        `SELECT count(*)::VARCHAR FROM ${readParquetSql(await fetchFiles(page.request, labTable('silver')))}`,
      )
    )[0]?.[0]
  expect(await countRows()).toBe('10')

  await appendTrips('lab.bronze', tripsCsv(11n, 5))
  await page.goto(paths.jobs())
  await page.getByRole('button', { name: 'Run now: Silver trips' }).click()
  await expect.poll(countRows).toBe('15')
})
