import type { Locator, Page } from '@playwright/test'
import { asOfQuery, FLIGHTS, paths } from './support/addresses'
import { expect, problemNote, test } from './support/fixtures'
import { apiPath, fetchJson, fetchTableDetail, queryDuckdb, fetchFiles, readParquetSql } from './support/lake'
import { writeSql } from './support/sql-editor'

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

test('A query reads a table at a tag, a branch, a snapshot and a time, and a view like a table', async ({
  page,
  pageErrors,
}) => {
  test.slow()
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
  // The last query names a time. The result names its snapshot and the time of its commit.
  const readFrom = await openReadDetails(page)
  await expect(readFrom).toContainText(`demo.flights, as of`)
  await expect(readFrom).toContainText(`snapshot ${third.snapshotId} committed `)
  await expect(readFrom.locator('time')).toHaveAttribute('datetime', new Date(third.committedAtMs).toISOString())
  await page.keyboard.press('Escape')

  // The name is looked up as a table first.
  pageErrors.expectError(/status of 404/)
  await runQuery(page, 'with routes as (from demo.flights_by_route) select count(*), sum(flights) from routes')
  const [[routes = '', flights = ''] = []] = await queryDuckdb(
    `select count(*), sum(flights) from (select count(*) as flights from ${readParquetSql(
      await fetchFiles(page.request, FLIGHTS),
    )} group by origin, destination)`,
  )
  await expect.poll(() => readResultRows(page)).toEqual([[routes, flights]])
  const readThrough = await openReadDetails(page)
  await expect(readThrough).toContainText('demo.flights (through demo.flights_by_route): snapshot')
  await expect(readThrough).toContainText('view demo.flights_by_route: its duckdb SQL')
})

test('Metadata tables have what the API lists at a snapshot, and now', async ({ page }) => {
  test.slow()
  const { timeline, refs } = await fetchTableDetail(page.request, FLIGHTS)
  const { snapshotId } = timeline[2] ?? {}
  if (snapshotId === undefined) throw new Error('the demo lake has no history')
  const files = await fetchFiles(page.request, FLIGHTS, { snapshotId })
  type Manifest = { path: string; lengthBytes: number; addedFilesCount: number }
  const listed = `${apiPath(FLIGHTS)}/manifests${asOfQuery({ snapshotId })}`
  const { manifests } = await fetchJson<{ manifests: Manifest[] }>(page.request, listed)
  type Snapshot = { snapshotId: string; operation: string; parentSnapshotId: string | null }
  const { snapshots } = await fetchJson<{ snapshots: Snapshot[] }>(page.request, `${apiPath(FLIGHTS)}/snapshots`)

  const byFirst = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.map(String)).toSorted(compareFirst)
  const rowCount = files.reduce((sum, { recordCount }) => sum + recordCount, 0)
  const then = `for version as of ${snapshotId}`
  const fileRows = files.map(({ path, recordCount, fileSizeBytes }) => [path, recordCount, fileSizeBytes])
  const cases: readonly [string, string[][]][] = [
    [
      `select file_path, record_count, file_size_in_bytes from demo.flights$files ${then} order by 1`,
      byFirst(fileRows),
    ],
    [`select file_path from demo.flights.data_files ${then} order by 1`, byFirst(files.map(({ path }) => [path]))],
    [`select count(*) from demo.flights$delete_files ${then}`, [['0']]],
    [
      `select count(*), sum(data_file.record_count) from demo.flights$entries ${then} where status < 2`,
      [[String(files.length), String(rowCount)]],
    ],
    [
      `select path, length, added_data_files_count from demo.flights$manifests ${then} order by 1`,
      byFirst(manifests.map(({ path, lengthBytes, addedFilesCount }) => [path, lengthBytes, addedFilesCount])),
    ],
    [
      `select sum(record_count), sum(file_count) from demo.flights.partitions ${then}`,
      [[String(rowCount), String(files.length)]],
    ],
    [
      'select name, lower(type), snapshot_id from demo.flights$refs order by 1',
      byFirst(refs.map((ref) => [ref.name, ref.type, ref.snapshotId])),
    ],
    [
      'select snapshot_id from demo.flights$history order by made_current_at desc limit 3',
      timeline
        .slice(-3)
        .toReversed()
        .map((commit) => [commit.snapshotId]),
    ],
    [
      "select snapshot_id, operation, coalesce(parent_id::varchar, 'none') from demo.flights$snapshots order by committed_at desc limit 3",
      snapshots
        .slice(0, 3)
        .map((snapshot) => [snapshot.snapshotId, snapshot.operation, snapshot.parentSnapshotId ?? 'none']),
    ],
  ]
  for (const [sql, rows] of cases) {
    expect(rows.length, sql).toBeGreaterThan(0)
    await runQuery(page, sql)
    await expect.poll(() => readResultRows(page), sql).toEqual(rows)
  }
})

function compareFirst([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

test('A query goes on while the analyst visits another page, is cancelled, and the next one runs', async ({ page }) => {
  const sql = 'select count(*) from range(10000000000) a(i) where hash(i) % 7 = 3'
  await writeQuery(page, sql)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByRole('timer', { name: 'Time since the start' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(1)
  await page.getByRole('link', { name: 'Jobs' }).first().click()
  await expect(page).toHaveURL(new RegExp(paths.jobs()))
  await page.getByRole('link', { name: 'Query' }).first().click()
  await expect(page.getByRole('textbox', { name: 'SQL' })).toHaveText(sql)
  await page.getByRole('button', { name: 'Cancel' }).first().click()
  await expect(page.getByRole('status').filter({ hasText: 'Cancelled after' })).toBeVisible()
  await runQuery(page, 'select 6 * 7')
  await expect.poll(() => readResultRows(page)).toEqual([['42']])
})

test('The controls, the editor and the result share the screen: 15 rows next to the chart, below four lines of SQL and three parameters, and two lines of controls on a phone', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(paths.query())
  const run = page.getByRole('button', { name: 'Run', exact: true })
  await expect(run).toBeDisabled()
  const { edge, ground } = await run.evaluate((button) => {
    const style = getComputedStyle(button)
    return { edge: style.borderTopColor, ground: style.backgroundColor }
  })
  // Colour `--line2` of the dark scheme.
  expect(edge).toBe('rgb(50, 65, 74)')
  expect(edge).not.toBe(ground)

  const conditions = 'where date >= $from and date < $until and distance > $late'
  await writeQuery(
    page,
    `select origin, count(*) as flights\nfrom demo.flights\n${conditions}\ngroup by 1 order by 2 desc limit 40`,
  )
  for (const [name, type] of [
    ['$from', 'timestamp'],
    ['$until', 'timestamp'],
    ['$late', 'number'],
  ] as const)
    await expect(page.getByRole('combobox', { name: `Type of ${name}` })).toHaveValue(type)
  await page.getByRole('textbox', { name: 'Value of $from' }).fill('2001-01-01')
  await page.getByRole('textbox', { name: 'Value of $until' }).fill('2002-01-01')
  await page.getByRole('textbox', { name: 'Value of $late' }).fill('15')
  await run.click()
  const grid = page.getByRole('grid', { name: 'Results' })
  await expect(grid).toBeVisible({ timeout: 120_000 })
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Both').click()
  await expect(page.getByRole('application', { name: 'flights by origin, 40 points' })).toBeVisible()
  await expect(grid.getByRole('row').nth(15)).toBeInViewport({ ratio: 0.98 })

  // Without parameters, the editor and the result meet at one line, which resizes the editor.
  await page.getByRole('button', { name: 'New tab' }).click()
  await runQuery(page, 'select 1 as one')
  const line = page.getByRole('separator', { name: 'Height of the editor' })
  const frame = line.locator('..')
  const boxOf = async (part: Locator) => (await part.boundingBox())!
  await expect(async () => {
    const { y, height } = await boxOf(frame)
    expect(y + height).toBe((await boxOf(page.getByRole('region', { name: 'Result' }))).y)
  }).toPass()
  const { height } = await boxOf(frame)
  await line.focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(async () => (await boxOf(frame)).height).toBe(height + 21)

  // On a phone, the controls are two lines, and the editor follows them.
  await page.setViewportSize({ width: 390, height: 844 })
  const editor = page.getByRole('textbox', { name: 'SQL' })
  await expect(async () => {
    const [top, below] = [(await boxOf(run)).y, (await boxOf(editor)).y]
    expect(below - top).toBeLessThan(130)
  }).toPass()
})

test.describe('On a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true })

  test('No keyboard shortcut is shown', async ({ page }) => {
    await page.goto(paths.query())
    const main = page.getByRole('main')
    await expect(main.getByText('Write a query and run it')).toBeVisible()
    for (const key of await main.locator('kbd').all()) await expect(key).toBeHidden()
  })
})

test('A query that cannot run says why: the SQL is wrong, a table is missing, or the browser is too small for it', async ({
  page,
  pageErrors,
}) => {
  const run = async (sql: string) => {
    await writeQuery(page, sql)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
  }
  await run('select orign from demo.flights limit 1')
  await expect(problemNote(page)).toContainText('The query could not be run')
  await expect(problemNote(page)).toContainText('orign')
  await expect(problemNote(page)).toContainText('origin')
  await expect(page.getByRole('textbox', { name: 'SQL' })).toContainText('orign')
  await runQuery(page, 'select origin from demo.flights limit 1')
  await expect(problemNote(page)).toHaveCount(0)

  pageErrors.expectError(/status of 404/)
  await run('select * from demo.no_such_table')
  await expect(problemNote(page)).toContainText('no_such_table')

  const { timeline } = await fetchTableDetail(page.request, FLIGHTS)
  // Every snapshot is loaded separately, and all of them together exceed the browser's memory limit.
  const selects = timeline.map(({ snapshotId }) => `select * from demo.flights for version as of ${snapshotId}`)
  await run(`select count(distinct columns(*)) from (${selects.join(' union all by name ')})`)
  await expect(problemNote(page)).toContainText('This is larger than allowed here')
  await expect(problemNote(page)).toContainText(/fewer columns/)
})

test('A query is saved, survives a reload, is changed, shared and found by a colleague, and removed', async ({
  page,
  openPageAs,
}) => {
  const saved = page.getByRole('region', { name: 'Saved queries' })
  const dialog = page.getByRole('dialog', { name: 'Save query' })
  const name = `Airports ${Date.now()}`
  await writeQuery(page, 'select 1 as airports')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(saved.getByRole('button', { name: `${name} only you` })).toHaveAttribute('aria-current', 'true')

  await page.reload()
  await expect(saved.getByRole('button', { name: `${name} only you` })).toHaveAttribute('aria-current', 'true')
  await writeQuery(page, 'select 2 as airports')
  await expect(saved.getByRole('button', { name: `${name} only you, changes not saved` })).toBeVisible()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await dialog.getByRole('switch', { name: 'Share with the team' }).check({ force: true })
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(saved.getByRole('button', { name: `${name} shared` })).toHaveAttribute('aria-current', 'true')

  const colleague = await openPageAs('editor')
  await colleague.goto(paths.query())
  const shared = colleague.getByRole('region', { name: 'Saved queries' })
  await shared.getByRole('searchbox', { name: 'Find in names and SQL' }).fill(name)
  await shared.getByRole('button', { name: `${name} shared, ` }).click()
  await expect(colleague.getByRole('textbox', { name: 'SQL' })).toHaveText('select 2 as airports')
  await expect(colleague.getByRole('grid', { name: 'Results' })).toHaveCount(0)
  await expect(shared.getByRole('button', { name: `Remove ${name}` })).toHaveCount(0)

  // The address has the query as it is saved, also after a change.
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const link = page.getByRole('dialog', { name: 'Share' }).getByRole('textbox', { name: 'Link' })
  const address = await link.inputValue()
  expect(address).toMatch(/[?]saved=\w+$/)
  await link.press('Escape')
  await writeQuery(page, 'select 3 as airports')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(saved.getByRole('button', { name: `${name} shared` })).toHaveAttribute('aria-current', 'true')
  await colleague.goto(address)
  await expect(colleague.getByRole('textbox', { name: 'SQL' })).toHaveText('select 3 as airports')
  await expect(colleague.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true')
  await saved.getByRole('button', { name: `Versions of ${name}` }).click()
  const versions = page.getByRole('dialog', { name: `Versions of ${name}` })
  await expect(versions.getByRole('listitem')).toHaveCount(3)
  await versions.getByRole('button', { name: 'Open' }).nth(1).click()
  await expect(page.getByRole('textbox', { name: 'SQL' })).toHaveText('select 2 as airports')

  await saved.getByRole('button', { name: `Remove ${name}` }).click()
  await page.getByRole('dialog', { name: 'Remove saved query' }).getByRole('button', { name: 'Remove' }).click()
  await expect(saved.getByRole('button', { name: `${name} shared` })).toHaveCount(0)
})

/** Opens the popover of the tables that a result was read from. */
async function openReadDetails(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: '1 table', exact: true }).click()
  return page.getByRole('list', { name: 'Read from' })
}

/** Writes a query into the editor, without reloading the page. */
async function writeQuery(page: Page, sql: string): Promise<void> {
  if (!page.url().includes(paths.query())) await page.goto(paths.query())
  await writeSql(page, sql)
}

/** Runs a query and waits for its result. */
async function runQuery(page: Page, sql: string): Promise<void> {
  await writeQuery(page, sql)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  // While the query runs, the button says *Cancel* and the earlier result is hidden.
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible({ timeout: 120_000 })
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
