import type { Page } from '@playwright/test'
import { paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { writeSql } from './support/sql-editor'

const editor = (page: Page) => page.getByRole('textbox', { name: 'SQL' })
const tab = (page: Page, name: string) => page.getByRole('tab', { name })
const results = (page: Page) => page.getByRole('grid', { name: 'Results' })

test('Each tab keeps its text and its result, across a reload its text', async ({ page }) => {
  await page.goto(paths.query())
  await writeSql(page, 'select 1 as first_one')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(results(page)).toContainText('first_one', { timeout: 120_000 })
  await page.getByRole('button', { name: 'New tab' }).click()
  await expect(editor(page)).toHaveText(/^(select … from namespace\.table)?$/)
  await expect(results(page)).toHaveCount(0)
  await writeSql(page, 'select 2 as second_one')
  await tab(page, 'untitled 1').click()
  await expect(editor(page)).toHaveText('select 1 as first_one')
  await expect(results(page)).toContainText('first_one')
  // Undo belongs to the tab: it does not bring back the text of the other one.
  await editor(page).press('ControlOrMeta+z')
  await expect(editor(page)).not.toContainText('second_one')
  await writeSql(page, 'select 1 as first_one')
  await page.reload()
  await expect(page.getByRole('tab')).toHaveText(['untitled 1', 'untitled 2'])
  await expect(editor(page)).toHaveText('select 1 as first_one')
  await tab(page, 'untitled 2').click()
  await expect(editor(page)).toHaveText('select 2 as second_one')
  await expect(results(page)).toHaveCount(0)
})

test('The result of a table survives a reload, exactly, until its table may no longer be read', async ({
  page,
  pageErrors,
}) => {
  await page.goto(paths.query())
  const sql = 'select 9007199254740993::bigint as wide, iata from demo.airports order by iata limit 3'
  await writeSql(page, sql)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(results(page)).toContainText('9007199254740993', { timeout: 120_000 })
  const rows = await results(page).getByRole('row').allInnerTexts()
  await page.getByRole('button', { name: '1 table' }).click()
  await expect(page.getByText(/^Kept in this browser until tomorrow/)).toBeVisible()
  await page.reload()
  const result = page.getByRole('region', { name: 'Result' })
  await expect(result).toContainText(/Result of (yesterday )?\d\d:\d\d, kept in this browser until/)
  expect(await results(page).getByRole('row').allInnerTexts()).toEqual(rows)

  pageErrors.expectError(/status of 404/)
  await page.route('**/tables/airports/scans', (route) =>
    route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      json: {
        type: '/problems/not-found',
        title: 'Not found',
        status: 404,
        detail: 'There is no table demo.airports.',
        requestId: 'r1',
        code: 'not-found',
        facts: {},
      },
    }),
  )
  await page.reload()
  await expect(result).toContainText('you can no longer read demo.airports as it was then')
})

test('A link opens in a tab of its own and is not run, and the history leads back to what was', async ({ page }) => {
  await page.goto(paths.query())
  await writeSql(page, 'select 1 as mine')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(results(page)).toContainText('mine', { timeout: 120_000 })
  await expect(page).toHaveURL(/mine/)
  await page.goto(paths.query('select 2 as linked'))
  await expect(editor(page)).toHaveText('select 2 as linked')
  await expect(page.getByRole('tab')).toHaveText(['untitled 1', 'untitled 2'])
  await expect(results(page)).toHaveCount(0)
  await expect(page.getByText('Write a query and run it')).toBeVisible()
  const history = page.getByRole('complementary', { name: 'Saved queries and history' })
  await history.getByText('select 1 as mine').click()
  await expect(editor(page)).toHaveText('select 1 as mine')
})

test('The list of tables inserts names and previews a table, and Format gives each clause a line, which undo takes back', async ({
  page,
}) => {
  await page.goto(paths.query())
  const tree = page.getByRole('tree', { name: 'Catalogs, namespaces, tables, views and columns' })
  await writeSql(page, 'select ')
  await tree.getByRole('treeitem', { name: 'demo' }).click()
  const flights = tree.getByRole('treeitem', { name: 'flights', exact: true })
  await flights.focus()
  await page.keyboard.press('ArrowRight')
  await tree.getByRole('treeitem', { name: /^origin\b/ }).click()
  await expect(editor(page)).toHaveText('select origin')
  await flights.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Preview rows' }).click()
  await expect(editor(page)).toContainText('from demo.flights')
  await expect(results(page)).toHaveAttribute('aria-rowcount', '101', { timeout: 120_000 })
  await expect(page.getByRole('tab')).toHaveCount(2)

  await writeSql(page, 'select a,b from demo.airports -- all')
  // In the editor, which knows what to undo, and not in the text field before it.
  await expect(page.locator('.cm-line')).toHaveText(['select a,b from demo.airports -- all'])
  await page.getByRole('button', { name: 'Format' }).click()
  await expect(page.locator('.cm-line')).toHaveText(['select a,', '       b', 'from demo.airports -- all'])
  await editor(page).press('ControlOrMeta+z')
  await expect(page.locator('.cm-line')).toHaveText(['select a,b from demo.airports -- all'])
})

test('On a narrow page the list of tables is a sheet, which closes after a choice', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(paths.query())
  const sheet = page.getByRole('complementary', { name: 'Tables' })
  await expect(sheet).toBeHidden()
  await page.getByRole('button', { name: 'Show or hide the list of tables' }).click()
  await sheet.getByRole('treeitem', { name: 'demo' }).click()
  await sheet.getByRole('treeitem', { name: 'airports' }).click()
  await expect(sheet).toBeHidden()
  await expect(editor(page)).toHaveText('demo.airports')
})
