import type { Page } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { fetchTableDetail, queryDuckdb, fetchFiles, readParquetSql } from './support/lake'

const TOP_ORIGINS_SQL = 'select origin, count(*) from demo.flights group by 1 order by 2 desc limit 10'

test('An analyst counts flights by origin over three million rows with the same result as in another engine', async ({
  page,
}) => {
  const expected = await queryDuckdb(
    TOP_ORIGINS_SQL.replace('demo.flights', readParquetSql(await fetchFiles(page.request, FLIGHTS))),
  )
  await runQuery(page, TOP_ORIGINS_SQL)
  await expect.poll(() => readResultRows(page)).toEqual(expected.map(([origin, count]) => [origin, String(count)]))
  await expect(page.getByRole('grid', { name: 'Results' })).toHaveAttribute('aria-rowcount', '11')
  const summary = page.getByRole('status').filter({ hasText: '10 rows' })
  await expect(summary).toContainText(/\d (ms|s)/)
  await expect(summary).toContainText(/read [\d.]+ [KM]iB in \d+ files, 1 of 6 columns/)
})

test('A query reads a table at a tag, a branch, a snapshot and a time', async ({ page }) => {
  const { refs, timeline } = await fetchTableDetail(page.request, FLIGHTS)
  const tag = refs.find(({ type }) => type === 'tag')
  const branch = refs.find(({ type, name }) => type === 'branch' && name !== 'main')
  const third = timeline[2]
  const fourth = timeline[3]
  if (!tag || !branch || !third || !fourth) throw new Error('the demo lake has no tag, no branch or no history')
  const justBefore = new Date(fourth.committedAtMs - 1).toISOString().replace('T', ' ').replace('Z', '+00')
  const rowCount = async (asOf: Parameters<typeof fetchTableDetail>[2]) =>
    String((await fetchTableDetail(page.request, FLIGHTS, asOf)).figures.rowCount)
  for (const [clause, rows] of [
    [`for version as of '${tag.name}'`, await rowCount({ ref: tag.name })],
    [`for version as of '${branch.name}'`, await rowCount({ ref: branch.name })],
    [`FOR VERSION AS OF ${third.snapshotId}`, await rowCount({ snapshotId: third.snapshotId })],
    [`for timestamp as of timestamp '${justBefore}'`, await rowCount({ snapshotId: third.snapshotId })],
  ]) {
    await runQuery(page, `select count(*) as flights from demo.flights ${clause} as f`)
    await expect.poll(() => readResultRows(page), clause).toEqual([[rows]])
  }
})

test('A name defined in a WITH hides the table of that name, and a table can be named with its connection', async ({
  page,
}) => {
  await runQuery(page, 'with airports as (select 42 as answer) select * from airports')
  await expect.poll(() => readResultRows(page)).toEqual([['42']])
  await runQuery(page, 'select count(*) from local.demo.airports')
  await expect.poll(() => readResultRows(page)).toEqual([['3,376']])
})

test('LIMIT without ORDER BY does not load the whole table', async ({ page }) => {
  let bytes = 0
  page.on('response', (response) => {
    if (response.url().includes('/api/v1/files/')) bytes += Number(response.headers()['content-length'] ?? 0)
  })
  await runQuery(page, 'select * from demo.flights limit 100')
  await expect.poll(() => readResultRows(page)).not.toEqual([])
  await expect(page.getByRole('grid', { name: 'Results' })).toHaveAttribute('aria-rowcount', '101')
  const { figures } = await fetchTableDetail(page.request, FLIGHTS)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes, `of ${figures.liveBytes} bytes`).toBeLessThan(figures.liveBytes / 10)
})

test('A running query is cancelled, and the next one runs', async ({ page }) => {
  await writeQuery(page, 'select count(*) from range(10000000000) a(i) where hash(i) % 7 = 3')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('button', { name: 'Cancel' }).first().click()
  await expect(page.getByRole('status').filter({ hasText: 'Cancelled after' })).toBeVisible()
  await runQuery(page, 'select 6 * 7')
  await expect.poll(() => readResultRows(page)).toEqual([['42']])
})

test('An error in the SQL is shown in the editor and disappears when the SQL is corrected', async ({ page }) => {
  await writeQuery(page, 'select orign from demo.flights limit 1')
  await page.getByRole('button', { name: 'Run' }).click()
  await expect(problemNote(page)).toContainText('The query could not be run')
  await expect(problemNote(page)).toContainText('orign')
  await expect(problemNote(page)).toContainText('origin')
  await expect(page.getByRole('textbox', { name: 'SQL' })).toContainText('orign')
  await runQuery(page, 'select origin from demo.flights limit 1')
  await expect(problemNote(page)).toHaveCount(0)
})

test('A statement that would change data is rejected before it runs', async ({ page }) => {
  for (const sql of ['drop table demo.flights', "copy (select 1) to 'x.csv'", 'insert into demo.flights select 1']) {
    await writeQuery(page, sql)
    await page.getByRole('button', { name: 'Run' }).click()
    await expect(problemNote(page)).toContainText(/only|read|cannot|not/i)
    await expect(page.getByRole('grid', { name: 'Results' })).toHaveCount(0)
  }
})

test('The problem for a missing table contains its name', async ({ page, pageErrors }) => {
  pageErrors.expectError(/status of 404/)
  await writeQuery(page, 'select * from demo.no_such_table')
  await page.getByRole('button', { name: 'Run' }).click()
  await expect(problemNote(page)).toContainText('no_such_table')
})

test('A query that is too large for the browser is rejected with advice', async ({ page }) => {
  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  // Every snapshot is loaded separately, and all of them together exceed the browser's memory limit.
  const selects = timeline.map(({ snapshotId }) => `select * from demo.flights for version as of ${snapshotId}`)
  await writeQuery(page, `select count(distinct columns(*)) from (${selects.join(' union all by name ')})`)
  await page.getByRole('button', { name: 'Run' }).click()
  await expect(problemNote(page)).toContainText('This is larger than allowed here')
  await expect(problemNote(page)).toContainText(/fewer columns/)
})

test('Queries are stored in the history of this browser, and a link restores the text without running it', async ({
  page,
}) => {
  await runQuery(page, 'select 1 as one')
  await page.goto(paths.query('select 2 as two'))
  await expect(page.getByRole('textbox', { name: 'SQL' })).toHaveText('select 2 as two')
  await expect(page.getByRole('grid', { name: 'Results' })).toHaveCount(0)
  await page.getByRole('complementary', { name: 'History' }).getByText('select 1 as one').click()
  await expect(page.getByRole('textbox', { name: 'SQL' })).toHaveText('select 1 as one')
})

/** Writes a query into the editor, without reloading the page. */
async function writeQuery(page: Page, sql: string): Promise<void> {
  if (!page.url().includes(paths.query())) await page.goto(paths.query())
  await page.getByRole('textbox', { name: 'SQL' }).fill(sql)
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled()
}

/** Runs a query and waits for its result. */
async function runQuery(page: Page, sql: string): Promise<void> {
  await writeQuery(page, sql)
  await page.getByRole('button', { name: 'Run' }).click()
  // While the query runs, the button says *Cancel* and an earlier result is gone.
  await expect(page.getByRole('button', { name: 'Run' })).toBeVisible({ timeout: 120_000 })
  await expect(page.getByRole('grid', { name: 'Results' }).or(problemNote(page))).toBeVisible()
  await expect(problemNote(page)).toHaveCount(0)
}

/** The visible rows of the result. */
async function readResultRows(page: Page): Promise<string[][]> {
  const rows = page.getByRole('grid', { name: 'Results' }).getByRole('row')
  const texts: string[][] = []
  for (const row of (await rows.all()).slice(1)) texts.push(await row.getByRole('gridcell').allInnerTexts())
  return texts
}
