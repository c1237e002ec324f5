import type { Page } from '@playwright/test'
import type { ViewDetail } from '@/lib/contract/views'
import { labTable, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { createLab } from './support/empty-table'
import { expect, test } from './support/fixtures'
import { typeName } from './support/panels'
import { fillSql, readSql } from './support/sql-editor'

const LAB = labTable('any').namespace
const labView = (view: string) => ({ catalog: 'local', namespace: LAB, view })

async function fetchView(page: Page, name: string): Promise<ViewDetail> {
  const response = await page.request.get(`/api/v1${paths.view(labView(name))}`)
  expect(response.ok()).toBe(true)
  return response.json()
}

test.describe('an engineer', () => {
  test.use({ persona: 'editor' })

  test('An engineer saves a query as a view, edits it, rolls it back, renames and drops it', async ({
    page,
    pageErrors,
  }) => {
    test.slow()
    await createTripsTable('lab.view-trips', tripsCsv(1n, 5))
    await page.goto(paths.query('select id, count(*) as trips from lab."view-trips" group by 1'))
    await page.getByRole('button', { name: 'Query options' }).click()
    await page.getByRole('menuitem', { name: 'Save as view…' }).click()

    await expect(page.getByRole('heading', { name: 'New view' })).toBeVisible()
    const sql = page.getByRole('textbox', { name: 'Query in duckdb' })
    await expect.poll(() => readSql(sql)).toMatch(/^select id/)
    await expect(page.getByText('From the SQL in duckdb, for you to approve.')).toBeVisible()
    await fillSql(sql, 'select id from lab."view-trips" where')
    await expect(page.getByText(/syntax error/i)).toBeVisible()
    const create = page.getByRole('button', { name: 'Create view' })
    await page.getByLabel('Name', { exact: true }).fill('edited')
    await expect(create).toBeDisabled()
    await fillSql(sql, 'select id, count(*) as trips\nfrom lab."view-trips"\ngroup by 1')
    await expect(
      page
        .getByRole('textbox', { name: 'Name of trips' })
        .or(page.getByText('trips', { exact: true }))
        .first(),
    ).toBeVisible()
    const review = page.getByRole('complementary', { name: 'Review' })
    await expect(review.getByRole('region', { name: 'Request' })).toContainText('"default-namespace"')
    await page.getByLabel('Owner').fill('lab team')
    await create.click()

    await expect(page.getByRole('heading', { name: 'lab.edited' })).toBeVisible()
    expect(await fetchView(page, 'edited')).toMatchObject({
      currentVersionId: 1,
      properties: { owner: 'lab team' },
      schemas: [
        {
          fields: [
            { name: 'id', type: 'long' },
            { name: 'trips', type: 'long' },
          ],
        },
      ],
    })

    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await page.getByRole('button', { name: 'Add dialect' }).click()
    await fillSql(
      page.getByRole('textbox', { name: 'Query in spark' }),
      'SELECT id, count(*) AS trips FROM `view-trips` GROUP BY id',
    )
    await expect(review).toContainText('SQL in spark')
    await expect(review).toContainText('The SQL in duckdb stays as it is')
    await expect(page.getByRole('region', { name: 'Change of the SQL, spark' })).toContainText('added: ')
    await page.getByRole('button', { name: 'Commit version' }).click()
    await expect(page.getByText('Version 2 is current.')).toBeVisible()
    expect((await fetchView(page, 'edited')).versions[0]?.representations).toMatchObject([
      { dialect: 'duckdb' },
      { dialect: 'spark' },
    ])

    await page.getByRole('combobox', { name: 'Compare with' }).click()
    await page.getByRole('option', { name: 'version 1' }).click()
    await expect(page.getByRole('table', { name: 'Schema compared with version 1' })).toContainText('unchanged')
    await page.getByRole('button', { name: 'Undo…' }).click()
    const rollBack = page.getByRole('complementary', { name: 'Roll back' })
    await expect(rollBack).toContainText('Engines that read the view in spark will find no SQL')
    await rollBack.getByRole('button', { name: 'Roll back to version 1' }).click()
    await expect(page.getByText('Version 1 is current.')).toBeVisible()
    expect((await fetchView(page, 'edited')).currentVersionId).toBe(1)

    await page.getByRole('button', { name: 'View actions' }).click()
    await page.getByRole('menuitem', { name: 'Rename or move…' }).click()
    const rename = page.getByRole('complementary', { name: 'Rename or move' })
    await rename.getByLabel('Name', { exact: true }).fill('edited-again')
    await expect(rename.getByRole('region', { name: 'Request' })).toContainText('/views/rename')
    // The page may be reading the view that it leaves.
    pageErrors.allowError(/status of 404 .*[/]views[/]edited\b/)
    await rename.getByRole('button', { name: 'Rename' }).click()
    await expect(page.getByRole('heading', { name: 'lab.edited-again' })).toBeVisible()

    await page.getByRole('button', { name: 'View actions' }).click()
    await page.getByRole('menuitem', { name: 'Drop…' }).click()
    const drop = page.getByRole('complementary', { name: 'Drop view' })
    await typeName(drop, 'lab.edited-again')
    await drop.getByRole('button', { name: 'Drop', exact: true }).click()
    await expect(page).toHaveURL(new RegExp(`${paths.namespace('local', LAB)}$`))
    await expect(page.getByRole('treeitem', { name: 'edited-again', exact: true })).toHaveCount(0)

    await page.getByRole('button', { name: 'Namespace actions' }).click()
    await page.getByRole('menuitem', { name: 'Dropped tables and views…' }).click()
    const dropped = page.getByRole('complementary', { name: 'Dropped tables and views' })
    await dropped.getByRole('button', { name: 'Restore edited-again', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'lab.edited-again' })).toBeVisible()
  })

  test('An engineer sees the version of another one, says what a view is, and protects it', async ({
    page,
    openPageAs,
  }) => {
    await createLab()
    await page.goto(paths.newView('local', LAB, 'select origin from demo.flights'))
    await page.getByLabel('Name', { exact: true }).fill('shared')
    await page.getByRole('button', { name: 'Create view' }).click()
    await expect(page.getByRole('heading', { name: 'lab.shared' })).toBeVisible()

    const edit = async (tab: Page, text: string) => {
      await fillSql(tab.getByRole('textbox', { name: 'Query in duckdb' }), text)
      await expect(tab.getByRole('button', { name: 'Commit version' })).toBeEnabled()
    }
    const other = await openPageAs('editor')
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await edit(page, 'select origin from demo.flights where distance > 1')
    await other.goto(paths.editView(labView('shared')))
    await edit(other, 'select origin from demo.flights where distance > 2')
    await other.getByRole('button', { name: 'Commit version' }).click()
    await expect(other.getByText('Version 2 is current.')).toBeVisible()
    await fillSql(
      page.getByRole('textbox', { name: 'Query in duckdb' }),
      'select origin from demo.flights where distance > 3',
    )
    await expect(page.getByRole('heading', { name: 'Version 2 arrived' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Commit version' })).toBeDisabled()
    await page.getByRole('button', { name: 'Commit mine as a newer version' }).click()
    await page.getByRole('button', { name: 'Commit version' }).click()
    await expect(page.getByText('Version 3 is current.')).toBeVisible()

    await page.getByRole('button', { name: 'View actions' }).click()
    await page.getByRole('menuitem', { name: 'About…' }).click()
    const about = page.getByRole('complementary', { name: 'About this view' })
    await about.getByLabel('Description').fill('Delays after the third')
    await about.getByText('Certified', { exact: true }).click()
    await about.getByLabel('Protected').check()
    await expect(about.getByRole('region', { name: 'Request' })).toContainText('lakeshore.protected')
    await about.getByRole('button', { name: 'Save' }).click()
    await expect(about).toBeHidden()
    await expect(page.getByRole('img', { name: 'protected' })).toBeVisible()
    await page.getByRole('button', { name: 'View actions' }).click()
    await expect(page.getByRole('menuitem', { name: /^Drop…/ })).toBeDisabled()
  })
})

test('An analyst reads a view, and is offered no change of it but to propose one', async ({ page }) => {
  const view = { catalog: 'local', namespace: ['demo'], view: 'flights_by_route' }
  await page.goto(paths.view(view, 1))
  await expect(page.getByRole('region', { name: 'Another version' })).toBeVisible()
  await page.getByRole('button', { name: 'Roll back to it…' }).click()
  const rollBack = page.getByRole('complementary', { name: 'Roll back' })
  await expect(rollBack.getByRole('button', { name: 'Roll back to version 1' })).toBeDisabled()
  await expect(rollBack.getByText(/You need the editor role to commit/)).toBeVisible()
  await expect(rollBack.getByRole('button', { name: 'Propose…' })).toBeEnabled()
  await page.goto(paths.newView('local', ['demo']))
  await expect(page.getByText('Creating views needs the editor role.')).toBeVisible()
  const refused = await page.request.post(`/api/v1${paths.view(view)}/changes`, {
    headers: { 'sec-fetch-site': 'same-origin' },
    data: { edit: { kind: 'roll-back', baseVersionId: 2, versionId: 1 }, idempotencyKey: 'key-of-an-analyst-1' },
  })
  expect(refused.status()).toBe(403)
})
