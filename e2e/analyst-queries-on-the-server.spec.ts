import { FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { writeSql } from './support/sql-editor'

const SQL = 'select origin, count(*), max(distance) from demo.flights group by 1 order by 2 desc limit 5'

test('An analyst runs a query on the server with the same result as in another engine, cancels one, is refused a file of the server, and the tab keeps the choice', {
  tag: '@journey',
}, async ({ page }) => {
  const expected = await queryDuckdb(
    SQL.replace('demo.flights', readParquetSql(await fetchFiles(page.request, FLIGHTS))),
  )
  await page.goto(paths.query(SQL))
  const engine = page.getByRole('combobox', { name: 'Engine' })
  await engine.click()
  await page.getByRole('option', { name: /^Server/ }).click()
  await expect(engine).toHaveValue('Server')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const results = page.getByRole('grid', { name: 'Results' })
  await expect(results).toHaveAttribute('aria-rowcount', '6', { timeout: 240_000 })
  await expect
    .poll(async () => {
      const cells = await results.getByRole('gridcell').allTextContents()
      return Array.from({ length: 5 }, (_, row) => cells.slice(row * 3, row * 3 + 3))
    })
    .toEqual(expected.map((row) => row.map(String)))

  await writeSql(page, 'select count(*) from demo.flights a, demo.flights b, demo.flights c')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByText('It ends when you cancel it or close the page.')).toBeVisible({ timeout: 240_000 })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled()
  await writeSql(page, "select * from read_csv('/etc/passwd')")
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(problemNote(page)).toContainText('read_csv')
  await page.reload()
  await expect(engine).toHaveValue('Server')
})
