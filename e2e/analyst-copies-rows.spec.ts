import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { createTable } from './support/cli'
import { expect, test } from './support/fixtures'
import { apiPath, queryDuckdb } from './support/lake'
import { home } from './support/personas'
import { writeSql } from './support/sql-editor'

const TABLE = labTable('copied')
/** More than fit on screen. */
const NUMBERS = Array.from({ length: 40 }, (_, i) => `n${i}`)
const ROWS = 400
const NOTES = ['plain', '"tab\there"', '"line\nbreak"', '"say ""no"""', '', '""', ' padded ']

// They share a table, which is created once.
test.describe.configure({ mode: 'default' })

test.beforeAll(async () => {
  const fields = [
    { name: 'id', type: 'long' },
    { name: 'note', type: 'string' },
    ...NUMBERS.map((name) => ({ name, type: 'int' })),
  ]
  const lines = Array.from({ length: ROWS }, (_, row) =>
    [row, NOTES[row % NOTES.length], ...NUMBERS.map((_name, i) => (i % 7 === 0 ? '' : row * i))].join(','),
  )
  await createTable(`lab.${TABLE.table}`, fields, [fields.map(({ name }) => name).join(','), ...lines].join('\n'))
})

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
})

/** The rows as the API returns them, with every value as text. */
async function apiRows(page: Page): Promise<string[][]> {
  const response = await page.request.get(`${apiPath(TABLE)}/rows?format=ndjson`)
  const lines = (await response.text()).trimEnd().split('\n')
  return lines.map((line) => Object.values(JSON.parse(line) as Record<string, unknown>).map(String))
}

/** The clipboard's new content, as native DuckDB reads it. */
async function readCopiedRows(
  page: Page,
  columns: readonly string[] = ['id', 'note', ...NUMBERS],
): Promise<string[][]> {
  let text = ''
  await expect
    .poll(async () => {
      text = await page.evaluate(() => navigator.clipboard.readText())
      return text
    })
    .not.toBe('nothing')
  const file = path.join(home(), 'copied.tsv')
  await writeFile(file, text)
  return await queryDuckdb(
    `from read_csv('${file}', delim = '\t', quote = '"', escape = '"', header = true, all_varchar = true, allow_quoted_nulls = false, strict_mode = true, auto_detect = false, columns = {${columns.map((name) => `'${name}': 'varchar'`).join(', ')}})`,
  )
}

const emptyClipboard = (page: Page) => page.evaluate(() => navigator.clipboard.writeText('nothing'))

test('An analyst copies a row of a wide table, and all rows, by keyboard', async ({ page }) => {
  const expected = await apiRows(page)
  expect(expected).toHaveLength(ROWS)
  await page.goto(paths.table(TABLE, 'data'))
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid.locator('[aria-rowindex="2"]').getByRole('gridcell').first()).toHaveText('0')
  // The keys of the grid do not copy a text that is selected elsewhere.
  await page.getByText('live bytes').dblclick()
  await grid.locator('[aria-rowindex="2"]').getByRole('gridcell').first().focus()
  for (const row of [1, 2, 3, 4, 5, 6]) {
    await emptyClipboard(page)
    await page.keyboard.press('Control+Home')
    for (let i = 0; i < row; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Control+c')
    expect(await readCopiedRows(page)).toEqual([expected[row]])
    await expect(page.getByRole('status').filter({ hasText: 'copied' })).toHaveText('1 row copied.')
  }

  await emptyClipboard(page)
  await page.keyboard.press('Control+a')
  await expect(page.getByRole('status').filter({ hasText: 'selected' })).toHaveText('400 rows selected.')
  await expect(grid.getByRole('gridcell', { selected: false })).toHaveCount(0)
  await page.keyboard.press('Control+c')
  expect(await readCopiedRows(page)).toEqual(expected)

  // A single value is copied unchanged.
  await emptyClipboard(page)
  await grid.locator('[aria-rowindex="4"]').getByRole('gridcell').nth(1).click()
  await page.keyboard.press('Control+c')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('line\nbreak')
})

test('The rows of a preview are reached, copied and left by keyboard, and the preview follows the text', async ({
  page,
}) => {
  await page.goto(paths.query())
  await page.getByRole('button', { name: 'Query options' }).click()
  await page.getByText(/preview/i).click()
  await page.keyboard.press('Escape')
  const rows = page.getByRole('region', { name: 'Rows of the preview' })
  // A busy machine may take longer than a preview may; the next text gets another one.
  let attempt = 0
  await expect(async () => {
    attempt += 1
    await writeSql(page, `select id, note from lab.copied order by id limit 30 -- ${attempt}`)
    await expect(rows.getByRole('cell').first()).toHaveText('0')
  }).toPass()
  await page.getByRole('textbox', { name: 'SQL' }).click()
  await page.keyboard.press('Escape')
  for (let i = 0; i < 4 && !(await rows.evaluate((element) => element === document.activeElement)); i++)
    await page.keyboard.press('Tab')
  await expect(rows).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => rows.evaluate((element) => element.scrollTop)).toBeGreaterThan(0)
  await page.keyboard.press('End')
  await expect(rows.getByRole('row').last()).toBeInViewport()
  await page.keyboard.press('Home')
  await expect.poll(() => rows.evaluate((element) => element.scrollTop)).toBe(0)

  // A preview has the first rows only.
  const previewedCount = (await rows.getByRole('row').count()) - 1
  const expected = (await apiRows(page)).slice(0, previewedCount).map((row) => row.slice(0, 2))
  expect(expected.length).toBeGreaterThan(10)
  for (const keys of [['Control+c'], ['Control+a', 'Control+c']]) {
    await emptyClipboard(page)
    for (const key of keys) await page.keyboard.press(key)
    expect(await readCopiedRows(page, ['id', 'note'])).toEqual(expected)
  }
  await page.keyboard.press('Shift+Tab')
  await expect(page.getByRole('button', { name: 'Turn previews off' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(rows).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(rows).not.toBeFocused()
  expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true)

  const preview = page.getByRole('region', { name: 'Preview', exact: true })
  await writeSql(page, 'select 1 as one')
  await expect(preview).toContainText('The query reads no table.')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'Results' })).toBeVisible({ timeout: 120_000 })
  await expect(preview).toHaveCount(1)
})
