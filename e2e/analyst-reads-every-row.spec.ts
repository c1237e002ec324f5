import type { Locator } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { queryDuckdb, fetchFiles, type LakeFile, readParquetSql } from './support/lake'

test('Rows 1, 1,500,000 and 3,000,000 have the same values as in another engine', async ({ page }) => {
  const files = await fetchFiles(page.request, FLIGHTS)
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toHaveAttribute('aria-rowcount', '3000001')
  for (const index of [0, 1_499_999, 2_999_999]) {
    await page.getByLabel('Go to row').fill(String(index + 1))
    await page.keyboard.press('Enter')
    await expect.poll(() => readCells(rowAt(grid, index))).toEqual(await readFlightWithDuckdb(files, index))
  }
})

test('The scroll bar reaches the last row, and the wheel moves row by row', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(rowAt(grid, 0)).toBeVisible()
  await grid.evaluate((element) => element.parentElement?.scrollTo({ top: element.parentElement.scrollHeight }))
  await expect(rowAt(grid, 2_999_999)).toBeVisible()
  await expect(rowAt(grid, 2_999_999).getByRole('gridcell').first()).toHaveText(/^2001-0/)
  await grid.evaluate((element) => element.parentElement?.scrollTo({ top: 0 }))
  await expect(rowAt(grid, 0)).toBeInViewport()
  await grid.hover()
  await page.mouse.wheel(0, 280)
  await expect(rowAt(grid, 0)).not.toBeInViewport()
  await expect(rowAt(grid, 12)).toBeInViewport()
})

test('An analyst moves through the grid with the keyboard, and the active cell has the focus', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await rowAt(grid, 0).getByRole('gridcell').first().click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(rowAt(grid, 1).getByRole('gridcell').nth(1)).toBeFocused()
  await page.keyboard.press('Control+End')
  await expect(rowAt(grid, 2_999_999).getByRole('gridcell').last()).toBeFocused()
  await page.keyboard.press('Control+Home')
  await expect(rowAt(grid, 0).getByRole('rowheader')).toBeFocused()
})

test('A nested value opens as a tree with its file and position', async ({ page }) => {
  const files = await fetchFiles(page.request, EARTHQUAKES)
  const [first] = await queryDuckdb(
    `select location.longitude, networks[1] from ${readParquetSql(files.slice(0, 1))} limit 1`,
  )
  await page.goto(paths.table(EARTHQUAKES, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await rowAt(grid, 0).getByRole('gridcell').first().click()
  await expect(grid.getByRole('columnheader', { name: /^location/ })).toHaveAttribute('aria-colindex', '10')
  for (let column = 2; column < 10; column++) await page.keyboard.press('ArrowRight')
  await expect(rowAt(grid, 0).getByRole('gridcell').filter({ hasText: 'longitude' })).toBeFocused()
  await page.keyboard.press('Enter')
  const opened = page.getByLabel('location of row 1')
  await expect(opened).toContainText('longitude')
  await expect(opened).toContainText(String(first?.[0]))
  await expect(opened).toContainText(fileName(files[0]))
  await expect(opened).toContainText('row position 0')
  await page.keyboard.press('Escape')
  await expect(opened).toBeHidden()

  await rowAt(grid, 0).getByRole('rowheader').click()
  const row = page.getByRole('complementary', { name: 'Row 1' })
  await expect(row).toContainText(String(first?.[1]))
  await expect(row).toContainText(fileName(files[0]))
})

test('The footer shows that the first rows need few files and bytes', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'data'))
  await expect(
    rowAt(page.getByRole('grid', { name: 'Rows' }), 0)
      .getByRole('gridcell')
      .first(),
  ).toHaveText(/^2001/)
  const files = await fetchFiles(page.request, FLIGHTS)
  await expect(page.getByText(`1 of ${files.length} files`)).toBeVisible()
  await expect(page.getByText(/^[\d.]+ (ms|s)$/)).toBeVisible()
  const bytes = await page.getByText(/ (KiB|MiB) of [\d.]+ MiB$/).innerText()
  const [, read = '', readUnit, total = ''] = /([\d.]+) (KiB|MiB) of ([\d.]+) MiB/.exec(bytes) ?? []
  const readMib = Number(read) / (readUnit === 'KiB' ? 1024 : 1)
  expect(Number(total)).toBeCloseTo(files.reduce((sum, file) => sum + file.fileSizeBytes, 0) / 1024 ** 2, 0)
  expect(readMib).toBeGreaterThan(0)
  expect(readMib, 'of 16 MiB').toBeLessThan(2)
})

test('An analyst hides columns and shows them again', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await page.getByRole('button', { name: '6 columns' }).click()
  await page.getByRole('checkbox', { name: /^distance/ }).uncheck()
  await expect(grid.getByRole('columnheader', { name: /^distance/ })).toHaveCount(0)
  await expect(page.getByRole('button', { name: '5 of 6 columns' })).toBeVisible()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(grid.getByRole('columnheader', { name: /^distance/ })).toBeVisible()
})

function rowAt(grid: Locator, index: number): Locator {
  return grid.locator(`[role="row"][aria-rowindex="${index + 2}"]`)
}

function readCells(row: Locator): Promise<string[]> {
  return row.getByRole('gridcell').allInnerTexts()
}

/** One flight as native DuckDB reads it from the same files, formatted like the grid. */
async function readFlightWithDuckdb(files: readonly LakeFile[], index: number): Promise<string[]> {
  let position = index
  const file = files.find(({ recordCount }) => {
    if (position < recordCount) return true
    position -= recordCount
    return false
  })
  if (!file) throw new Error(`no file contains row ${index}`)
  const source = readParquetSql([file]).replace('union_by_name', 'file_row_number = true, union_by_name')
  const names = (await queryDuckdb(`select column_name from (describe select * from ${source})`)).flat()
  const delay = names.includes('delay') ? 'delay' : 'arrival_delay'
  const route = names.includes('route') ? 'route' : 'null'
  const [row] = await queryDuckdb(
    `select strftime(date, '%Y-%m-%d %H:%M:%S'), ${delay}, distance, origin, destination, ${route}
     from ${source} where file_row_number = ${position}`,
  )
  if (!row) throw new Error(`DuckDB finds no row ${position} in ${file.path}`)
  return row
}

function fileName(file: LakeFile | undefined): string {
  return file?.path.split('/').at(-1) ?? ''
}
