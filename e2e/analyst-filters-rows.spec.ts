import type { Page } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'

const DAY = "date >= timestamp '2001-03-06' and date < timestamp '2001-03-07'"

test('An analyst finds the rows of one day with the keyboard, and few files are read for it', {
  tag: '@journey',
}, async ({ page }) => {
  const files = await fetchFiles(page.request, FLIGHTS)
  const [[expected = ''] = []] = await queryDuckdb(
    `select count(*) from ${readParquetSql(files)} where ${DAY} and origin = 'SFO'`,
  )
  await page.goto(paths.table(FLIGHTS, 'data'))
  await expect(page.getByRole('grid', { name: 'Rows' })).toBeVisible()
  await addFilter(page, { column: 'date', operator: '≥', value: '2001-03-06' })
  await addFilter(page, { column: 'date', operator: '<', value: '2001-03-07' })
  await addFilter(page, { column: 'origin', operator: '=', value: 'SFO' })
  const chips = page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')
  await expect(chips).toHaveText(['date ≥ 2001-03-06 00:00:00', 'date < 2001-03-07 00:00:00', "origin = 'SFO'"])
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(expected) + 1))
  const footer = page.locator('footer').filter({ hasText: /of \d+ files/ })
  await expect(footer).toContainText(`${Number(expected).toLocaleString('en-US')} rows match`)
  const [, read = '', all = ''] = /(\d+) of (\d+) files/.exec((await footer.textContent()) ?? '') ?? []
  expect(Number(all)).toBe(files.length)
  expect(Number(read)).toBeLessThan(files.length / 3)
  await footer.getByRole('button', { name: 'How this was read' }).click()
  const report = page.getByRole('dialog', { name: 'How this was read' })
  const skipped = report.getByRole('row').filter({ hasText: /^Files by/ })
  await expect(skipped).toHaveCount(3)
  await expect(skipped.filter({ hasText: /[1-9]\d* files/ }).first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(grid.getByRole('gridcell', { name: 'SFO', exact: true }).first()).toBeVisible()
  await expect(grid.getByRole('gridcell', { name: /^2001-03-0[^6]/ })).toHaveCount(0)
})

test('An analyst types filters below the headers, which keep the focus', async ({ page }) => {
  await page.goto(paths.table(EARTHQUAKES, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  const [[expected = ''] = []] = await queryDuckdb(
    `select count(*) from ${readParquetSql(await fetchFiles(page.request, EARTHQUAKES))} where magnitude between 2 and 4`,
  )
  await page.getByRole('button', { name: 'Filters below the headers' }).click()
  const magnitude = grid.getByRole('textbox', { name: 'Filter of magnitude', exact: true })
  await magnitude.fill('between 2 and 4')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')).toHaveText(
    'magnitude between 2 and 4',
  )
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(expected) + 1), { timeout: 240_000 })
  await expect(magnitude).toBeFocused()
  await expect(magnitude).toHaveValue('between 2 and 4')
  await magnitude.fill('>=2 <4')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')).toHaveText([
    'magnitude ≥ 2',
    'magnitude < 4',
  ])
  await expect(magnitude).toHaveValue('≥ 2 < 4')
  await magnitude.fill('')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Conditions' })).toHaveCount(0)
})

test('A link restores the filtered rows, and a filter is changed, removed and cleared', async ({ page }) => {
  const where = 'origin = "SFO" and distance >= 2000'
  await page.goto(`${paths.table(FLIGHTS, 'data')}?${new URLSearchParams({ where, row: '20' })}`)
  const grid = page.getByRole('grid', { name: 'Rows' })
  const [[both = ''] = []] = await queryDuckdb(
    `select count(*) from ${readParquetSql(await fetchFiles(page.request, FLIGHTS))} where origin = 'SFO' and distance >= 2000`,
  )
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(both) + 1), { timeout: 240_000 })
  await expect(grid.getByRole('gridcell', { name: 'SFO', exact: true }).first()).toBeVisible()
  await page.getByRole('button', { name: 'distance ≥ 2000', exact: true }).click()
  const editor = page.getByRole('dialog', { name: 'Change the filter' })
  await editor.getByRole('textbox', { name: 'Value' }).fill('100000')
  await page.keyboard.press('Enter')
  await expect(page.getByText('No rows match these filters.')).toBeVisible({ timeout: 240_000 })
  await page.getByRole('button', { name: 'Remove distance ≥ 100000' }).click()
  await expect(page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')).toHaveCount(1)
  await page.goBack()
  await expect(page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')).toHaveCount(2)
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Conditions' })).toHaveCount(0)
  await expect(grid).toHaveAttribute('aria-rowcount', /^\d{7,}$/)
})

test('Times without an offset are in UTC, as in Query, and the filter shows their instants', async ({ page }) => {
  const source = readParquetSql(await fetchFiles(page.request, EARTHQUAKES))
  const [[day = ''] = []] = await queryDuckdb(`select max("at")::date::text from ${source}`)
  const [[ofDay = ''] = []] = await queryDuckdb(
    `select count(*) from ${source} where "at" >= '${day} 00:00:00+00' and "at" <= '${day} 12:00:00+00'`,
  )
  await page.goto(paths.table(EARTHQUAKES, 'data'))
  await expect(page.getByRole('grid', { name: 'Rows' })).toBeVisible()
  await page.keyboard.press('/')
  const editor = page.getByRole('dialog', { name: 'Add a filter' })
  await choose(page, { column: 'at', operator: 'between' })
  await editor.getByRole('textbox', { name: 'From' }).fill(day)
  await expect(editor.getByRole('status')).toHaveText(/^Read as UTC: \d{4}-\d{2}-\d{2} 0[12]:00:00\+0[12]:00$/)
  await editor.getByRole('textbox', { name: 'To' }).fill(`${day} 12:00`)
  await page.keyboard.press('Enter')
  const chip = page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')
  await expect(chip).toHaveText(/^at between \S+ 0[12]:00:00\+0[12]:00 and \S+ 1[34]:00:00\+0[12]:00$/)
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(ofDay) + 1))
  await page.goto(
    `${paths.table(EARTHQUAKES, 'data')}?${new URLSearchParams({ where: `at >= "${day}" and at <= "${day} 12:00"` })}`,
  )
  await expect(grid).toHaveAttribute('aria-rowcount', String(Number(ofDay) + 1))
})

test('A list of values is split at commas, and a text is found inside of others', async ({ page }) => {
  const source = readParquetSql(await fetchFiles(page.request, FLIGHTS))
  const [[count = ''] = []] = await queryDuckdb(
    `select count(*) from ${source} where ${DAY} and origin in ('SFO', 'LAX') and contains(destination, 'A')`,
  )
  const where = 'date >= "2001-03-06" and date < "2001-03-07"'
  await page.goto(`${paths.table(FLIGHTS, 'data')}?${new URLSearchParams({ where })}`)
  const editor = page.getByRole('dialog', { name: 'Add a filter' })
  await openEditor(page)
  await choose(page, { column: 'origin', operator: 'in' })
  await editor.getByRole('textbox', { name: /^Values/ }).fill('SFO, LAX')
  await expect(editor.getByRole('status').getByRole('listitem')).toHaveText(['SFO', 'LAX'])
  await editor.getByRole('button', { name: 'Apply' }).click()
  await expect(editor).toBeHidden()
  await addFilter(page, { column: 'destination', operator: 'contains', value: 'A' })
  await expect(page.getByRole('grid', { name: 'Rows' })).toHaveAttribute('aria-rowcount', String(Number(count) + 1))
})

test('A filter of a link that the table does not understand is a problem with a way out', async ({ page }) => {
  await page.goto(`${paths.table(FLIGHTS, 'data')}?${new URLSearchParams({ where: 'speed > 3' })}`)
  await expect(problemNote(page)).toContainText('The table has no column speed.')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page.getByRole('grid', { name: 'Rows' })).toBeVisible()
})

test('On a phone the matching rows are sorted by a tap on a column, and a cell filters them further', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const source = readParquetSql(await fetchFiles(page.request, FLIGHTS))
  const [[count = '', most = ''] = []] = await queryDuckdb(
    `select count(*), max(distance) from ${source} where ${DAY} and origin = 'SFO'`,
  )
  const where = 'date >= "2001-03-06" and date < "2001-03-07" and origin = "SFO"'
  await page.goto(`${paths.table(FLIGHTS, 'data')}?${new URLSearchParams({ where, order: '4,1,2,3,5' })}`)
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(page.getByText(`${Number(count).toLocaleString('en-US')} rows`, { exact: true })).toBeVisible()
  const chips = page.getByRole('list', { name: 'Conditions' })
  // They are one line, which scrolls sideways.
  expect((await chips.boundingBox())?.height).toBeLessThan(60)
  const header = grid.getByRole('columnheader', { name: /^distance/ })
  const tapCorner = async () => {
    const { width = 0 } = (await header.boundingBox()) ?? {}
    await header.click({ position: { x: width - 14, y: 12 } })
  }
  await tapCorner()
  await expect(page.getByText(/^Sorted by distance/)).toBeVisible()
  await expect(header).toHaveAttribute('aria-sort', 'ascending')
  await tapCorner()
  await expect(header).toHaveAttribute('aria-sort', 'descending')
  await expect(header.locator('svg').first()).toBeInViewport()
  await expect(page.getByRole('menu')).toHaveCount(0)
  const first = grid.getByRole('gridcell', { name: most, exact: true }).first()
  await expect(first).toBeVisible()
  await first.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Exclude this value' }).click()
  await expect(chips.getByRole('listitem')).toHaveCount(4)
  await expect(grid.getByRole('gridcell', { name: most, exact: true })).toHaveCount(0)
})

async function addFilter(page: Page, { column, operator, value }: { column: string; operator: string; value: string }) {
  await openEditor(page)
  const editor = page.getByRole('dialog', { name: 'Add a filter' })
  await choose(page, { column, operator })
  await editor.getByRole('textbox', { name: 'Value' }).fill(value)
  await page.keyboard.press('Enter')
  await expect(editor).toBeHidden()
}

/** The toolbar has the key: before it is there, the key is that of the tree. */
async function openEditor(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Filter', exact: true })).toBeVisible()
  await page.keyboard.press('/')
}

async function choose(page: Page, { column, operator }: { column: string; operator: string }) {
  const editor = page.getByRole('dialog', { name: 'Add a filter' })
  await editor.getByRole('combobox', { name: 'Column' }).fill(column)
  await editor.getByRole('option', { name: new RegExp(`^${column} `) }).click()
  await editor.getByRole('combobox', { name: 'Operator' }).click()
  await editor.getByRole('option', { name: operator, exact: true }).click()
}
