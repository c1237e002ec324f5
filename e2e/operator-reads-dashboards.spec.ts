import { stat } from 'node:fs/promises'
import type { APIRequestContext, Locator } from '@playwright/test'
import { FLIGHTS, paths, type TableIdentifier } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchJson, fetchTableDetail, queryDuckdb, fetchFiles, localPath, readParquetSql } from './support/lake'

test.use({ persona: 'admin' })

test('The figures of Home are the sums over every table of the lake', async ({ page }) => {
  test.slow()
  // Other tests load tables at the same time, so this compares until two readings agree.
  await expect(async () => {
    const before = await sumLakeFigures(page.request)
    await page.goto(paths.home())
    await expect(page.getByText('Live bytes').first()).toBeVisible()
    const exactBytes = await page
      .getByTitle(/^[\d,]+ bytes$/)
      .first()
      .getAttribute('title')
    expect({
      tables: await readFigure(page.getByRole('main'), 'Tables'),
      rows: await readFigure(page.getByRole('main'), 'Rows in data files'),
      bytes: exactBytes,
    }).toEqual({
      tables: formatCount(before.tables),
      rows: formatCount(before.rows),
      bytes: `${formatCount(before.bytes)} bytes`,
    })
    expect(await sumLakeFigures(page.request)).toEqual(before)
  }).toPass()
})

test('Every table of the demo lake has as many rows as another engine counts in its files, which have the same sizes as on disk', async ({
  page,
}) => {
  await page.goto(paths.namespace('local', ['demo']))
  const list = page.getByRole('grid', { name: 'Tables, views and namespaces' })
  for (const table of ['airports', 'birdstrikes', 'earthquakes', 'flights', 'species', 'weather']) {
    const files = await fetchFiles(page.request, { ...FLIGHTS, table })
    const [[rows = ''] = []] = await queryDuckdb(`select count(*) from ${readParquetSql(files)}`)
    const row = list.getByRole('row').filter({ has: page.getByRole('link', { name: table, exact: true }) })
    await expect(row.getByRole('gridcell').nth(2)).toHaveText(Number(rows).toLocaleString('en-US'))
    await expect(row.getByRole('gridcell').nth(4)).toHaveText(String(files.length))
  }

  const files = await fetchFiles(page.request, FLIGHTS)
  for (const file of files) expect((await stat(localPath(file))).size).toBe(file.fileSizeBytes)
  await list.getByRole('link', { name: 'flights', exact: true }).click()
  await page.getByRole('tab', { name: 'Files' }).click()
  await expect(page.getByText(`${files.length} files`, { exact: true })).toBeVisible()
  const listed = page.getByRole('grid', { name: 'Files' })
  await expect(listed.getByRole('row')).toHaveCount(files.length + 1)
  await page.getByRole('searchbox', { name: /by path or partition/ }).fill('date_month=2001-03')
  await expect(listed.getByRole('row')).toHaveCount(files.filter(({ path }) => path.includes('2001-03')).length + 1)
})

test('The ingestion dashboard agrees with the snapshots, by the mouse and in a table too, and has its range in the URL', {
  tag: '@journey',
}, async ({ page }) => {
  const { snapshots } = await fetchJson<{ snapshots: { rows: { added: number; removed: number } }[] }>(
    page.request,
    '/api/v1/catalogs/local/namespaces/stocks/tables/daily/snapshots',
  )
  await page.goto(`${paths.ingestionDashboard()}?by=table`)
  const chart = page.getByRole('group', { name: 'Rows a day by table' })
  await expect(chart.getByRole('application')).toBeVisible()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (!box) throw new Error('the chart has no bounding box')
  await expect(async () => {
    // The newest load of the demo lake is of today, which is the last bar.
    for (const left of [20, 14]) await page.mouse.move(box.x + box.width - left, box.y + box.height / 2)
    await expect(chart.getByText('Net', { exact: true })).toBeVisible({ timeout: 500 })
  }).toPass({ intervals: [0] })

  await page.getByRole('combobox', { name: 'Namespace' }).click()
  await page.getByRole('option', { name: 'stocks' }).click()
  const rows = snapshots.reduce((sum, snapshot) => sum + snapshot.rows.added, 0).toLocaleString('en-US')
  await expect.poll(() => readFigure(page.getByRole('main'), 'Came in')).toBe(`+ ${rows}`)
  await expect(page).toHaveURL(/namespace=stocks/)

  await page.getByRole('button', { name: 'Show as table: Rows a day' }).click()
  const numbers = page.getByRole('region', { name: 'Rows a day', exact: true }).getByRole('table')
  await expect(numbers.getByRole('cell', { name: rows, exact: true }).first()).toBeVisible()
  await expect(page.getByRole('table', { name: 'Tables' }).getByRole('row').last()).toContainText(rows)

  await page.getByRole('table', { name: 'Commits in this period' }).getByRole('link', { name: 'stocks.daily' }).click()
  await expect(page.getByRole('heading', { name: 'stocks.daily' })).toBeVisible()
  await expect(page).toHaveURL(/snapshot=\d+/)
  await page.goBack()
  await page.getByText('7 d', { exact: true }).click()
  await expect(page).toHaveURL(/7d/)
  await page.reload()
  await expect(page.getByRole('radio', { name: '7 d' })).toBeChecked()
})

test('The compression dashboard agrees with the Parquet footers of a table', async ({ page }) => {
  const files = await fetchFiles(page.request, FLIGHTS)
  const list = files.map((file) => `'${localPath(file)}'`).join(', ')
  const [[encoded = '', codecs = ''] = []] = await queryDuckdb(
    `select sum(total_uncompressed_size), string_agg(distinct lower(compression), ',')
     from parquet_metadata([${list}])`,
  )
  await page.goto(`${paths.compressionDashboard()}?view=table`)
  const made = page.getByRole('table', { name: 'What makes it up' })
  const row = made.getByRole('row').filter({ hasText: 'demo.flights' })
  // Footers are read in the background.
  await expect(async () => {
    await page.reload()
    await expect(row.getByRole('cell').nth(3).locator('[title]')).toHaveAttribute(
      'title',
      new RegExp(Number(encoded).toLocaleString('en-US')),
      { timeout: 2_000 },
    )
  }).toPass()
  await page.getByRole('radiogroup', { name: 'Split by' }).getByText('Codec', { exact: true }).click()
  await expect(made).toContainText(codecs)
})

/** The value of a figure by its name. */
async function readFigure(within: Locator, name: string): Promise<string> {
  return within
    .getByRole('term')
    .filter({ hasText: name })
    .first()
    .locator('..')
    .getByRole('definition')
    .first()
    .innerText()
}

async function sumLakeFigures(request: APIRequestContext) {
  const { namespaces } = await fetchJson<{ namespaces: { namespace: string }[] }>(
    request,
    '/api/v1/catalogs/local/namespaces',
  )
  // All at once: the lake has to stay as it is meanwhile.
  const listed = await Promise.all(
    namespaces.map(async ({ namespace }): Promise<TableIdentifier[]> => {
      const path = `/api/v1/catalogs/local/namespaces/${namespace}/tables`
      const { tables } = await fetchJson<{ tables: string[] }>(request, path)
      return tables.map((table) => ({ catalog: 'local', namespace: [namespace], table }))
    }),
  )
  const details = await Promise.all(listed.flat().map((table) => fetchTableDetail(request, table)))
  return {
    tables: details.length,
    rows: details.reduce((sum, { figures }) => sum + figures.rowCount, 0),
    bytes: details.reduce((sum, { figures }) => sum + figures.liveBytes, 0),
  }
}

/** An integer as the console shows it. */
function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}
