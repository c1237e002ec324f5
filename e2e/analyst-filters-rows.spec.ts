import type { Page } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'

const DAY = "date >= timestamp '2001-03-06' and date < timestamp '2001-03-07'"

test('An analyst sees the first rows, finds those of one day with the keyboard, few files are read for it, profiles a column of them, and Back takes a filter away', {
  tag: '@journey',
}, async ({ page }) => {
  const files = await fetchFiles(page.request, FLIGHTS)
  const [[expected = '', farthest = ''] = []] = await queryDuckdb(
    `select count(*), max(distance) from ${readParquetSql(files)} where ${DAY} and origin = 'SFO'`,
  )
  await page.goto(paths.table(FLIGHTS, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid.getByRole('gridcell').first()).toHaveText(/^2001-0/)
  await expect(grid).toHaveAttribute('aria-rowcount', '3000001')
  await addFilter(page, { column: 'date', operator: '≥', value: '2001-03-06' })
  await addFilter(page, { column: 'date', operator: '<', value: '2001-03-07' })
  await addFilter(page, { column: 'origin', operator: '=', value: 'SFO' })
  const chips = page.getByRole('list', { name: 'Conditions' }).getByRole('listitem')
  await expect(chips).toHaveText(['date ≥ 2001-03-06 00:00:00', 'date < 2001-03-07 00:00:00', "origin = 'SFO'"])
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

  await grid.getByRole('columnheader', { name: /^distance/ }).hover()
  await page.getByRole('button', { name: 'Options for distance' }).click()
  await page.getByRole('menuitem', { name: 'Profile column' }).click()
  const profile = page.getByRole('complementary', { name: /^Profile of distance/ })
  await expect(profile).toContainText(
    `${Number(expected).toLocaleString('en-US')} rows, all that match these filters`,
    {
      timeout: 240_000,
    },
  )
  await expect(profile).toContainText(`Max${farthest}`)

  await page.goBack()
  await expect(chips).toHaveCount(2)
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Conditions' })).toHaveCount(0)
  await expect(grid).toHaveAttribute('aria-rowcount', '3000001')
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
  // Nothing hovers there: the menu of a column shows before a tap, which would sort.
  const options = header.getByRole('button', { name: 'Options for distance' })
  await expect(options).toHaveCSS('opacity', '1')
  await options.click()
  await expect(page.getByRole('menuitem', { name: 'Hide column' })).toBeVisible()
  await expect(header).not.toHaveAttribute('aria-sort')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
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
