import type { Page } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { writeSql } from './support/sql-editor'

const SQL = 'select origin, count(*), max(distance) from demo.flights group by 1 order by 2 desc limit 5'

test('An analyst runs a query in the browser and on the server with the same result as in another engine, cancels one, is refused a file of the server, and the tab keeps the choice', {
  tag: '@journey',
}, async ({ page }) => {
  const expected = await queryDuckdb(
    SQL.replace('demo.flights', readParquetSql(await fetchFiles(page.request, FLIGHTS))),
  )
  await page.goto(paths.query(SQL))
  await expectResult(page, expected)
  await expect(page.getByRole('status').filter({ hasText: '5 rows' })).toContainText(
    /read .+ in \d+ files, 2 of 6 columns/,
  )

  const engine = page.getByRole('combobox', { name: 'Engine' })
  await engine.click()
  await page.getByRole('option', { name: /^Server/ }).click()
  await expect(engine).toHaveValue('Server')
  await expectResult(page, expected)

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

/** Runs the query of the editor. */
async function expectResult(page: Page, rows: readonly (readonly string[])[]): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  // While the query runs, the button says *Cancel*.
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible({ timeout: 240_000 })
  const results = page.getByRole('grid', { name: 'Results' })
  await expect(results).toHaveAttribute('aria-rowcount', String(rows.length + 1))
  await expect
    .poll(async () => {
      const cells = await results.getByRole('gridcell').allTextContents()
      return rows.map((_, row) => cells.slice(row * 3, row * 3 + 3))
    })
    .toEqual(rows)
}
