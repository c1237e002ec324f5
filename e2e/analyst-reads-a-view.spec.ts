import { FLIGHTS, paths, ROUTES } from './support/addresses'
import { expect, test } from './support/fixtures'
import { queryDuckdb, fetchFiles, readParquetSql } from './support/lake'

const sqlRegion = (dialect: string) => ({ name: `SQL, ${dialect}`, exact: true })

test('An analyst finds a view next to the tables, reads its SQL in both dialects, and opens an older version', async ({
  page,
}) => {
  await page.goto(paths.namespace('local', ['demo']))
  const list = page.getByRole('grid', { name: 'Tables, views and namespaces' })
  await list.getByRole('link', { name: 'flights_by_route' }).click()
  await expect(page).toHaveURL(paths.view(ROUTES))
  await expect(page).toHaveTitle(/^View · demo\.flights_by_route( · \w+)? · Lakeshore$/)
  await expect(page.getByRole('region', sqlRegion('spark'))).toContainText('SELECT origin, destination')
  const schema = page.getByRole('table', { name: 'Schema' })
  await expect(schema).toContainText('average_delay')
  await page.getByRole('grid', { name: 'Versions' }).getByRole('row').nth(1).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(paths.view(ROUTES, 1))
  await expect(page.getByRole('region', { name: 'Another version' })).toContainText('version 1')
  await expect(schema).not.toContainText('average_delay')
  await expect(schema.getByRole('row')).toHaveCount(4)
  await page.getByRole('button', { name: 'Back to current version' }).click()
  await expect(schema).toContainText('average_delay')

  await page.getByText('duckdb', { exact: true }).first().click()
  await expect(page.getByRole('region', sqlRegion('duckdb'))).toContainText('group by all')
  await expect(page).toHaveURL(/dialect=duckdb/)
  await expect(page.getByRole('treeitem', { name: 'flights_by_route' })).toHaveAttribute('aria-selected', 'true')
})

test('The Data tab of a view shows its first rows, and its DuckDB SQL runs in Query with the same result as in another engine', async ({
  page,
}) => {
  await page.goto(paths.view(ROUTES))
  const tabs = page.getByRole('navigation', { name: 'View' })
  await tabs.getByRole('link', { name: 'Data' }).click()
  await expect(page).toHaveURL(paths.viewData(ROUTES))
  // The query reads three million rows.
  const rows = page.getByRole('grid', { name: 'Results' })
  await expect(rows).toHaveAttribute('aria-rowcount', '101', { timeout: 120_000 })
  await expect(rows.getByRole('columnheader', { name: /^average_delay/ })).toBeVisible()
  await page.getByRole('button', { name: '1 table' }).click()
  await expect(page.getByRole('list', { name: 'Read from' })).toContainText('demo.flights (through')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Open in Query' }).click()
  await expect(page.getByRole('textbox', { name: 'SQL' })).toContainText('from local.demo.flights_by_route')
  await page.goBack()
  await tabs.getByRole('link', { name: 'Definition' }).click()
  await expect(page.getByRole('table', { name: 'Schema' })).toBeVisible()

  await page.getByText('duckdb', { exact: true }).first().click()
  await expect(page.getByRole('region', sqlRegion('duckdb'))).toContainText('group by all')
  await page.getByRole('main').getByRole('link', { name: 'Query', exact: true }).click()
  await expect(page.getByRole('textbox', { name: 'SQL' })).toContainText('group by all')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const files = await fetchFiles(page.request, FLIGHTS)
  const [[routes = ''] = []] = await queryDuckdb(
    `select count(*) from (select distinct origin, destination from ${readParquetSql(files)})`,
  )
  // The query reads three million rows.
  await expect(page.getByRole('grid', { name: 'Results' })).toHaveAttribute(
    'aria-rowcount',
    String(Number(routes) + 1),
    { timeout: 120_000 },
  )
})
