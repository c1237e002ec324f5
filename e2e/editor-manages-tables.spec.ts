import { labTable, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'
import { expect, navigateByKeys, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'
import { typeName } from './support/panels'

test.describe('an editor', () => {
  test.use({ persona: 'editor' })

  test('An editor renames a table after reading what that means, and finds its rows', async ({ page, pageErrors }) => {
    pageErrors.expectError(/status of 404/)
    const table = labTable('named')
    await createTripsTable('lab.named', tripsCsv(1n, 30))
    const { tableUuid } = await fetchTableDetail(page.request, table)
    const saved = await page.request.post('/api/v1/queries', {
      data: { name: 'Trips before their rename', sql: 'select id from local.lab.named', isShared: false },
    })
    const { query } = (await saved.json()) as { query: { queryId: string } }
    await page.goto(paths.table(table))
    await expect(page.getByRole('region', { name: 'Used by' })).toContainText('Trips before their rename')
    await page.getByRole('button', { name: 'Table actions' }).click()
    await page.getByRole('menuitem', { name: 'Rename or move…' }).click()
    const panel = page.getByRole('complementary', { name: 'Rename or move' })
    const rename = panel.getByRole('button', { name: 'Rename' })
    await expect(rename).toBeDisabled()
    await expect(panel).toContainText('The only known reader breaks.')
    const readers = panel.getByRole('list', { name: 'Saved queries' })
    await expect(readers).toContainText('Trips before their rename')
    await expect(readers).toContainText('Fails at its next run.')
    await panel.getByLabel('Namespace').fill('nowhere')
    await panel.getByLabel('Name', { exact: true }).fill('renamed')
    await expect(panel.getByText('There is no namespace nowhere.')).toBeVisible()
    await expect(rename).toBeDisabled()
    await panel.getByLabel('Namespace').fill('lab')
    await expect(panel.getByRole('region', { name: 'Request' })).toContainText('/tables/rename')
    await panel.getByRole('tab', { name: 'Spark SQL' }).click()
    await expect(panel.getByRole('region', { name: 'Spark SQL' })).toContainText('RENAME TO `lab`.`renamed`')
    await expect(rename).toBeDisabled()
    await typeName(panel, 'lab.named')
    await rename.click()

    await expect(page.getByRole('heading', { name: 'lab.renamed' })).toBeVisible()
    await page.request.delete(`/api/v1/queries/${query.queryId}`)
    await expect(panel).toBeHidden()
    await expect(page.getByRole('treeitem', { name: 'renamed', exact: true })).toBeVisible()
    await expect(page.getByRole('treeitem', { name: 'named', exact: true })).toHaveCount(0)
    expect(await fetchTableDetail(page.request, labTable('renamed'))).toMatchObject({
      tableUuid,
      figures: { rowCount: 30 },
    })
    await page.getByRole('tab', { name: 'History' }).click()
    await expect(page.getByRole('row').filter({ hasText: 'Rename table' })).toContainText('lab.renamed')
    await page.goto(paths.table(table))
    await expect(page.getByText('Not found').first()).toBeVisible()
  })

  test('An editor drops a table after typing its name, and restores it with its rows', async ({ page, pageErrors }) => {
    const table = labTable('dropped')
    await createTripsTable('lab.dropped', tripsCsv(1n, 25))
    await page.goto(paths.table(table))
    await page.getByRole('button', { name: 'Table actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Drop…' }).press('Enter')
    const panel = page.getByRole('complementary', { name: 'Drop table' })
    await expect(panel.getByText('25', { exact: true })).toBeVisible()
    await expect(panel).toContainText('DELETE')
    const drop = panel.getByRole('button', { name: 'Drop', exact: true })
    await panel.getByLabel(/^Type/).fill('dropped')
    await expect(drop).toBeDisabled()
    await typeName(panel, 'lab.dropped')
    // The page may be asking for the newest commit.
    pageErrors.allowError(/status of 404 .*[/]tables[/]dropped\b/)
    await drop.click()

    const dropped = page.getByRole('complementary', { name: 'Dropped tables and views' })
    await expect(dropped).toContainText('by editor')
    await expect(page.getByRole('row', { name: /dropped/ })).toHaveCount(0)
    await expect(page.getByRole('treeitem', { name: 'dropped', exact: true })).toHaveCount(0)
    await dropped.getByRole('button', { name: 'Restore dropped', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'lab.dropped' })).toBeVisible()
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(25)
  })

  test('An editor clones a table, and its rows stay when the source is dropped with its files', async ({
    page,
    pageErrors,
  }) => {
    const table = labTable('cloned')
    await createTripsTable('lab.cloned', tripsCsv(1n, 40))
    await page.goto(paths.table(table))
    await page.getByRole('button', { name: 'Table actions' }).click()
    await page.getByRole('menuitem', { name: 'Clone…' }).click()
    const panel = page.getByRole('complementary', { name: 'Clone table' })
    const start = panel.getByRole('button', { name: 'Start the copy' })
    await expect(panel.getByLabel('Name', { exact: true })).toHaveValue('cloned_clone')
    await panel.getByLabel('Name', { exact: true }).fill('cloned')
    await expect(panel.getByText('There is already a table or view lab.cloned.')).toBeVisible()
    await expect(start).toBeDisabled()
    await panel.getByLabel('Name', { exact: true }).fill('copy')
    await expect(panel.getByText('40', { exact: true })).toBeVisible()
    await start.click()
    await expect(page).toHaveURL(/\/jobs\//)
    await expect(page.getByText('every copy is identical to its file', { exact: false })).toBeVisible()

    await page.goto(`${paths.table(table)}?action=drop`)
    const dropPanel = page.getByRole('complementary', { name: 'Drop table' })
    await dropPanel.getByLabel(/^Delete after/).check()
    await typeName(dropPanel, 'lab.cloned')
    pageErrors.allowError(/status of 404 .*[/]tables[/]cloned\b/)
    await dropPanel.getByRole('button', { name: 'Drop and remove files' }).click()
    const dropped = page.getByRole('complementary', { name: 'Dropped tables and views' })
    await expect(dropped).toContainText('Can be restored until its files are removed')
    expect((await fetchTableDetail(page.request, labTable('copy'))).figures.rowCount).toBe(40)
    await dropped.getByRole('button', { name: 'Restore cloned', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'lab.cloned' })).toBeVisible()
    expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(40)
  })

  test('An editor says what a table is, certifies it, which every list shows, and protects it', async ({ page }) => {
    const table = labTable('described')
    await createTripsTable('lab.described', tripsCsv(1n, 5))
    await page.goto(paths.table(table))
    await page.getByRole('button', { name: 'Table actions' }).click()
    await page.getByRole('menuitem', { name: 'About…' }).click()
    const panel = page.getByRole('complementary', { name: 'About this table' })
    const add = panel.getByRole('button', { name: 'Add to changes' })
    await expect(add).toBeDisabled()
    await panel.getByLabel('Description').fill('Trips of the lab')
    await panel.getByLabel('Owner').fill('lab team')
    await panel.getByLabel('Tags').fill('gold,trips,')
    await panel.getByText('Certified', { exact: true }).click()
    await panel.getByLabel('Why others may rely on it').fill('checked every night')
    await panel.getByLabel('Protected').check()
    await add.click()
    await page.getByRole('button', { name: 'Review' }).click()
    const review = page.getByRole('complementary', { name: /^Review/ })
    await expect(review).toContainText('Trips of the lab')
    await review.getByRole('button', { name: 'Commit' }).click()

    const header = page.getByRole('banner').or(page.locator('header')).filter({ hasText: 'lab.described' })
    await expect(header.getByText('certified', { exact: true })).toBeVisible()
    await expect(header.getByRole('img', { name: 'protected' })).toBeVisible()
    await expect(page.getByRole('list', { name: 'Tags' })).toContainText('goldtrips')
    await expect(page.getByRole('paragraph').filter({ hasText: 'Trips of the lab' })).toBeVisible()
    expect((await fetchTableDetail(page.request, table)).properties).toMatchObject({
      comment: 'Trips of the lab',
      owner: 'lab team',
      'lakeshore.tags': 'gold, trips',
      'lakeshore.badge': 'certified',
    })
    await page.getByRole('button', { name: 'Table actions' }).click()
    await expect(page.getByRole('menuitem', { name: /^Drop…/ })).toBeDisabled()
    await page.keyboard.press('Escape')

    await page.getByRole('tab', { name: 'Schema' }).click()
    await page
      .getByRole('button', { name: /^Edit / })
      .first()
      .click()
    await page.setViewportSize({ width: 390, height: 844 })
    const tags = page.getByLabel(/^Tags of /).locator('xpath=ancestor::span[1]')
    await expect(tags).toBeVisible()
    await expect.poll(() => tags.evaluate(countLabelLines), 'lines of the label on a phone').toBe(1)
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByText('Deprecated', { exact: true }).click()
    await page.getByLabel(/^Tags of /).fill('key, pii')
    await page.getByLabel(/^Tags of /).press('Enter')
    await expect(page.getByRole('row').nth(1)).toContainText('deprecatedkeypii')
    await expect(page.getByText('2 changes')).toBeVisible()

    // The tree shows it without a reload.
    const tree = page.getByRole('tree')
    const badge = { name: 'certified', exact: true }
    await expect(tree.getByRole('treeitem', { name: /^described/ }).getByRole('img', badge)).toHaveAttribute(
      'title',
      'certified: checked every night',
    )
    const filter = page.getByRole('navigation', { name: 'Catalogs' }).getByRole('searchbox')
    await filter.fill('described')
    await expect(tree.getByRole('treeitem')).toHaveCount(3)
    await expect(tree.getByRole('img', badge)).toBeVisible()
    await filter.clear()

    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'lab' }).click()
    const row = page.getByRole('row', { name: /described/ })
    await expect(row).toContainText('certified')
    await expect(row).toContainText('Trips of the lab')
    const named = page.getByRole('main').getByRole('row', { name: /lab\.described/ })
    await page.goto(`${paths.compressionDashboard()}?view=table`)
    await expect(named.first().getByRole('img', badge)).toBeVisible()
    for (const [key, path] of [
      ['d', paths.ingestionDashboard()],
      ['j', paths.jobs()],
      ['h', paths.home()],
    ] as const) {
      await navigateByKeys(page, key, path)
      await expect(named.first().getByRole('img', badge), path).toBeVisible()
    }
  })

  test('An editor creates a namespace, gives it a property, says what it is, and drops it again', async ({
    page,
    pageErrors,
  }) => {
    await page.goto(paths.catalog('local'))
    await page.getByRole('button', { name: 'New namespace' }).click()
    await page.getByRole('complementary', { name: 'New namespace' }).getByLabel('Name').fill('pilot')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'pilot' })).toBeVisible()

    const openAction = async (name: string) => {
      await page.getByRole('button', { name: 'Namespace actions' }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await openAction('Properties…')
    const properties = page.getByRole('complementary', { name: 'Properties' })
    await properties.getByRole('button', { name: 'Add property' }).click()
    await properties.getByLabel('Key').fill('owner')
    await properties.getByLabel('Value').fill('the pilots')
    await properties.getByRole('button', { name: 'Save 1 change' }).click()
    await expect(properties).toBeHidden()
    await openAction('Properties…')
    await expect(properties.getByLabel('Value')).toHaveValue('the pilots')
    // Another user changes it in the meantime: the edit is refused, and applies after a review of the current value.
    await properties.getByLabel('Value').fill('the crew')
    const changed = await page.request.post('/api/v1/catalogs/local/namespaces/pilot/properties', {
      headers: { 'sec-fetch-site': 'same-origin' },
      data: { changes: [{ name: 'owner', base: 'the pilots', value: 'ground staff' }] },
    })
    expect(changed.status()).toBe(200)
    pageErrors.expectError(/status of 409/)
    await properties.getByRole('button', { name: 'Save 1 change' }).click()
    await expect(properties.getByText('owner has changed since you opened it.')).toBeVisible()
    await expect(properties.getByText('now ground staff')).toBeVisible()
    await properties.getByRole('button', { name: 'Save 1 change' }).click()
    await expect(properties).toBeHidden()

    await openAction('About…')
    const about = page.getByRole('complementary', { name: 'About this namespace' })
    await expect(about.getByLabel('Owner')).toHaveValue('the crew')
    await about.getByLabel('Description').fill('What the pilots try')
    await about.getByText('Deprecated', { exact: true }).click()
    await about.getByLabel('What to use in its place').fill('lab')
    await about.getByRole('button', { name: 'Save' }).click()
    await expect(about).toBeHidden()
    const header = page.locator('header').filter({ has: page.getByRole('heading', { name: 'pilot' }) })
    await expect(header.getByText('deprecated', { exact: true })).toHaveAttribute('title', 'lab')
    await expect(page.getByRole('paragraph').filter({ hasText: 'What the pilots try' })).toBeVisible()
    await expect(
      page
        .getByRole('tree')
        .getByRole('treeitem', { name: /^pilot/ })
        .getByRole('img', { name: 'deprecated', exact: true }),
    ).toBeVisible()
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'local' }).click()
    await expect(page.getByRole('grid').getByRole('row', { name: /^pilot/ })).toContainText('deprecated')

    await page.getByRole('grid').getByRole('link', { name: 'pilot' }).click()
    await openAction('Drop…')
    const panel = page.getByRole('complementary', { name: 'Drop namespace' })
    await typeName(panel, 'pilot')
    await panel.getByRole('button', { name: 'Drop', exact: true }).click()
    await expect(page).toHaveURL(new RegExp(`${paths.catalog('local')}$`))
    await expect(page.getByRole('link', { name: 'pilot' })).toHaveCount(0)
  })
})

test.describe('a viewer', () => {
  test.use({ persona: 'viewer' })

  test('A viewer can only propose this, and an address of a panel opens nothing to confirm', async ({ page }) => {
    const table = labTable('kept')
    await createEmptyTable('kept')
    await page.goto(`${paths.table(table)}?action=drop`)
    await expect(page.getByRole('heading', { name: 'lab.kept' })).toBeVisible()
    await expect(page.getByRole('link', { name: 'Query' }).first()).toBeVisible()
    const drop = page.getByRole('complementary', { name: 'Drop table' })
    await expect(drop.getByRole('button', { name: 'Propose…' })).toBeEnabled()
    await expect(drop.getByRole('button', { name: 'Drop', exact: true })).toBeDisabled()
    await drop.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Table actions' }).click()
    await expect(page.getByRole('menuitem')).toHaveText(['About…', 'Rename or move…', 'Request access…', 'Drop…'])
    await page.goto(`${paths.namespace('local', ['lab'])}?action=dropped`)
    await page.getByRole('button', { name: 'Namespace actions' }).click()
    await expect(page.getByRole('menuitem')).toHaveText([
      'Change many tables…',
      'Proposals',
      'Request access…',
      'Drop…',
    ])
    await expect(page.getByRole('complementary', { name: 'Dropped tables and views' })).toHaveCount(0)
  })
})

/** Over how many lines the text before a field goes. */
function countLabelLines(labelled: Element): number {
  const range = document.createRange()
  range.selectNodeContents(labelled.firstChild ?? labelled)
  return range.getClientRects().length
}
