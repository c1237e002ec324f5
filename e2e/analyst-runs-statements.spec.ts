import type { Page } from '@playwright/test'
import { paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { writeSql } from './support/sql-editor'

test('An analyst runs all statements of a text, each keeps its result, and a selection runs alone', async ({
  page,
}) => {
  await writeQuery(page, 'select 1 as one;\nselect count(*) as airports from demo.airports;\nselect nothing;\nselect 4')
  await runAll(page)
  const statements = page.getByRole('navigation', { name: 'Statements' })
  await expect(statements.getByRole('button')).toHaveText([/1 row/, /1 row/, /failed/, /not run/], { timeout: 120_000 })
  await expect(page.getByText('Statement 3 of 4, line 3')).toBeVisible()
  await expect(problemNote(page)).toContainText('nothing')
  await statements.getByRole('button', { name: /airports/ }).click()
  await expect(page.getByRole('grid', { name: 'Results' })).toContainText('3376')

  // Each statement that ran has its own entry.
  const history = page.getByRole('complementary', { name: 'Saved queries and history' })
  await expect(history.getByRole('link', { name: /^select 1 as one/ })).toBeVisible()
  await expect(history.getByRole('link', { name: /^select nothing/ })).toBeVisible()

  await writeSql(page, 'select 40 + 2')
  // The selected part of a text is what runs. In the editor, and not in the text field before it.
  await expect(page.locator('.cm-line')).toHaveText(['select 40 + 2'])
  await page.getByRole('textbox', { name: 'SQL' }).press('Home')
  for (let i = 0; i < 'select 40'.length; i++) await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('grid', { name: 'Results' }).getByRole('gridcell')).toHaveText(['40'])
})

test('Rows with the same day are a line for each airport, a wrong value of a parameter is refused, and the values and the chart come back after a reload', async ({
  page,
}) => {
  await writeQuery(
    page,
    `select cast(date as date) as d, origin, count(*) as flights from demo.flights
where origin in ('ATL', 'DFW', 'ORD') and date < timestamp '2001-01-08' and distance > $least group by 1, 2`,
  )
  const value = page.getByRole('textbox', { name: 'Value of $least' })
  await expect(page.getByRole('combobox', { name: 'Type of $least' })).toHaveValue('number')
  await value.fill('many')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(problemNote(page)).toContainText('The parameter $least is a number')
  await value.fill('0')
  const run = async () => {
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Result' })).toContainText('21 rows', { timeout: 120_000 })
  }
  await run()
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Chart').click()
  const lines = page.getByRole('application', { name: 'flights by d in 3 series, 21 points' })
  await expect(lines.locator('.recharts-line-curve')).toHaveCount(3)
  await page.getByRole('combobox', { name: 'Series' }).click()
  await page.getByRole('option', { name: 'none', exact: true }).click()
  await expect(page.getByText('sum of flights where d repeats (up to 3 rows a point)')).toBeVisible()
  const line = page.getByRole('application', { name: 'sum of flights by d, 7 points' })
  await expect(line.locator('.recharts-line-curve')).toHaveCount(1)
  await page.reload()
  await expect(value).toHaveValue('0')
  await run()
  await expect(line).toBeVisible()
})

async function writeQuery(page: Page, sql: string): Promise<void> {
  await page.goto(paths.query())
  await writeSql(page, sql)
}

async function runAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Query options' }).click()
  await page.getByRole('menuitem', { name: /Run all statements/ }).click()
}
