import type { Locator } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'

test('An analyst arranges columns, sorts all rows, copies one and profiles a column', async ({ page, context }) => {
  test.slow()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const files = await fetchFiles(page.request, FLIGHTS)
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(cellsOf(grid, 0).first()).toHaveText(/^2001-0/)

  await page.getByRole('button', { name: /columns$/ }).click()
  const handle = page.getByRole('button', { name: 'Move distance' })
  await handle.focus()
  await page.keyboard.press('Home')
  await expect(handle).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/order=/)
  await expect(grid.getByRole('columnheader').nth(1)).toHaveAccessibleName(/^distance/)

  const header = grid.getByRole('columnheader', { name: /^distance/ })
  await header.click()
  await expect(page.getByText(/^Sorted by distance/)).toBeVisible({
    timeout: 240_000,
  })
  const [extremes] = await queryDuckdb(`select min(distance), max(distance) from ${readParquetSql(files)}`)
  await expect(cellsOf(grid, 0).first()).toHaveText(String(extremes?.[0]))
  await expect(header).toHaveAttribute('aria-sort', 'ascending')
  await header.click()
  await expect(page).toHaveURL(/sort=-/)
  await expect(cellsOf(grid, 0).first()).toHaveText(String(extremes?.[1]), { timeout: 240_000 })

  await cellsOf(grid, 0).first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy cell' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'copied' })).toHaveText('1 row copied.')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(String(extremes?.[1]))

  await grid.getByRole('columnheader', { name: /^distance/ }).hover()
  await page.getByRole('button', { name: 'Options for distance' }).click()
  await page.getByRole('menuitem', { name: 'Profile column' }).click()
  const profile = page.getByRole('complementary', { name: /^Profile of distance/ })
  await expect(profile).toContainText('3,000,000 rows, all of this snapshot', { timeout: 240_000 })
  await expect(profile).toContainText(`Max${String(extremes?.[1])}`)
})

function cellsOf(grid: Locator, row: number): Locator {
  return grid.locator(`[aria-rowindex="${row + 2}"]`).getByRole('gridcell')
}
