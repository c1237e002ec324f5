import type { Locator } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { queryDuckdb, fetchFiles, type LakeFile, readParquetSql } from './support/lake'

test('Rows 1, 1,500,000 and 3,000,000 have the same values as in another engine, and the first ones need few files and bytes', async ({
  page,
}) => {
  const files = await fetchFiles(page.request, FLIGHTS)
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toHaveAttribute('aria-rowcount', '3000001')
  await expect(rowAt(grid, 0).getByRole('gridcell').first()).toHaveText(/^2001/)
  await expect(page.getByText(`1 of ${files.length} files`)).toBeVisible()
  await expect(page.getByText(/^[\d.]+ (ms|s)$/)).toBeVisible()
  const bytes = await page.getByText(/ (KiB|MiB) of [\d.]+ MiB$/).innerText()
  const [, read = '', readUnit, total = ''] = /([\d.]+) (KiB|MiB) of ([\d.]+) MiB/.exec(bytes) ?? []
  const readMib = Number(read) / (readUnit === 'KiB' ? 1024 : 1)
  expect(Number(total)).toBeCloseTo(files.reduce((sum, file) => sum + file.fileSizeBytes, 0) / 1024 ** 2, 0)
  expect(readMib).toBeGreaterThan(0)
  expect(readMib, 'of 16 MiB').toBeLessThan(2)

  for (const index of [0, 1_499_999, 2_999_999]) {
    await page.getByLabel('Go to row').fill(String(index + 1))
    await page.keyboard.press('Enter')
    await expect.poll(() => readCells(rowAt(grid, index))).toEqual(await readFlightWithDuckdb(files, index))
  }
})

test('An analyst moves through the grid with the keyboard, the scroll bar and the wheel', async ({ page }) => {
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

test('Columns are resized, fitted, moved and pinned, and stay so after a reload', async ({ page }) => {
  await page.goto(paths.table(EARTHQUAKES, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(rowAt(grid, 0).getByRole('gridcell').first()).not.toBeEmpty()
  const widthOf = (name: string) => page.getByRole('separator', { name: `Width of ${name}` })
  const first = await grid.getByRole('columnheader').nth(1).innerText()
  const [name = ''] = first.split('\n')
  const readPx = async () => Number(await widthOf(name).getAttribute('aria-valuenow'))
  const startPx = await readPx()
  // A late part of the page, such as a font, may move the handle while the mouse is on its way to it.
  await expect(async () => {
    const box = (await widthOf(name).boundingBox())!
    await page.mouse.move(box.x + box.width - 2, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 200, box.y + 10, { steps: 4 })
    await page.mouse.up()
    expect(await readPx()).toBeGreaterThan(startPx + 150)
  }).toPass()
  const widePx = await readPx()
  await widthOf(name).dblclick()
  await expect.poll(readPx).toBeLessThan(widePx)
  await expect.poll(() => grid.locator('[data-column="1"]').evaluateAll(findOverflowing)).toEqual([])

  const second = grid.getByRole('columnheader').nth(2)
  const secondName = (await second.innerText()).split('\n')[0] ?? ''
  await second.hover()
  await page.getByRole('button', { name: `Options for ${secondName}` }).click()
  await page.getByRole('menuitem', { name: 'Pin to the left' }).click()
  await expect(grid.getByRole('columnheader').nth(1)).toHaveAccessibleName(new RegExp(`^${secondName} `))
  await grid.evaluate((element) => element.parentElement?.scrollTo({ left: 2000 }))
  await expect(rowAt(grid, 0).getByRole('gridcell').first()).toBeInViewport({ ratio: 1 })
  await expect(grid.getByRole('columnheader').nth(1)).toBeInViewport({ ratio: 1 })
  const readWidths = () => grid.getByRole('separator').evaluateAll((all) => all.map((one) => one.ariaValueNow))
  const widths = await readWidths()
  await page.reload()
  await expect(grid.getByRole('columnheader').nth(1)).toHaveAccessibleName(new RegExp(`^${secondName} `))
  await expect(rowAt(grid, 0).getByRole('gridcell').first()).not.toBeEmpty()
  await expect.poll(readWidths).toEqual(widths)

  const third = grid.getByRole('columnheader').nth(3)
  const movedName = (await grid.getByRole('columnheader').nth(4).innerText()).split('\n')[0] ?? ''
  const moved = grid.getByRole('columnheader', { name: new RegExp(`^${movedName} `) })
  await expect(async () => {
    const to = (await third.boundingBox())!
    const from = (await moved.boundingBox())!
    // The names of numbers are at the right, after their menu.
    await page.mouse.move(from.x + from.width / 2, from.y + 20)
    await page.mouse.down()
    await page.mouse.move(to.x + 5, to.y + 20, { steps: 5 })
    await page.mouse.up()
    await expect(third).toHaveAccessibleName(new RegExp(`^${movedName} `), { timeout: 5_000 })
  }).toPass()
})

test('Back and a reload return to the same rows, and Back closes the details of a row', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await page.getByLabel('Go to row').fill('1500000')
  await page.keyboard.press('Enter')
  await expect(rowAt(grid, 1_499_999).getByRole('gridcell').first()).toHaveText(/^2001-/)
  await expect(page).toHaveURL(/[?&]row=1499\d\d\d/)
  await page.keyboard.press('Space')
  const panel = page.getByRole('complementary', { name: 'Row 1,500,000' })
  await expect(panel).toBeVisible()
  await expect(page).toHaveURL(/[?&]open=1500000/)
  await page.goBack()
  await expect(panel).toBeHidden()
  await page.goForward()
  await expect(panel).toBeVisible()
  await page.getByRole('tab', { name: 'Schema' }).click()
  await expect(page).toHaveURL(paths.table(FLIGHTS, 'schema'))
  await page.goBack()
  await expect(panel).toBeVisible()
  await expect(rowAt(grid, 1_499_999)).toBeInViewport()
  await page.reload()
  await expect(panel).toBeVisible()
  await expect(rowAt(grid, 1_499_999)).toBeInViewport()
})

test('At least five rows are visible at twice the size and on a phone, also in the past', async ({ page }) => {
  for (const size of [
    { width: 720, height: 450 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(size)
    await page.goto(paths.table(FLIGHTS, 'data', { ref: 'q1-2001' }))
    const grid = page.getByRole('grid', { name: 'Rows' })
    await expect(rowAt(grid, 0).getByRole('gridcell').first()).toHaveText(/^2001-/)
    await rowAt(grid, 0).getByRole('gridcell').first().focus()
    for (let i = 0; i < 10; i++) await page.keyboard.press('PageDown')
    await expect(grid.locator(':focus')).toHaveText(/^2001-/)
    await expect.poll(() => countWholeRows(grid)).toBeGreaterThanOrEqual(5)
    await page.keyboard.press('Control+Home')
    await expect.poll(() => countWholeRows(grid)).toBeGreaterThanOrEqual(5)

    // The wheel scrolls the header back into view, and away again.
    await grid.hover()
    await page.mouse.wheel(0, -2000)
    await expect(page.getByRole('region', { name: 'Time travel' })).toBeInViewport()
    await page.mouse.wheel(0, 600)
    await expect.poll(() => countWholeRows(grid)).toBeGreaterThanOrEqual(5)
    await expect(page.getByRole('region', { name: 'Time travel' })).not.toBeInViewport()
  }
})

/** Rows that are whole in the window, below the column names and above everything that covers them. */
function countWholeRows(grid: Locator): Promise<number> {
  return grid.getByRole('row').evaluateAll((rows) => {
    const isOnTop = (row: Element, y: number) => {
      const { left } = row.getBoundingClientRect()
      return row.contains(document.elementFromPoint(Math.max(0, left) + 100, y))
    }
    return rows.slice(1).filter((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return isOnTop(row, top + 2) && isOnTop(row, bottom - 2)
    }).length
  })
}

/** Texts of cells that are wider than their cells. */
function findOverflowing(cells: Element[]): string[] {
  return cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)
}

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
