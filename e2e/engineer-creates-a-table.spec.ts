import { labTable, paths } from './support/addresses'
import { createTripsTable, tripsCsv } from './support/cli'
import { createEmptyTable, createLab } from './support/empty-table'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'

const LAB = labTable('any').namespace
const STATEMENT = `CREATE TABLE lake.lab.pasted (
  id BIGINT NOT NULL COMMENT 'of the leg',
  at TIMESTAMP,
  carrier STRUCT<code: STRING, tail: STRING>
) USING iceberg PARTITIONED BY (days(at)) TBLPROPERTIES ('team' = 'ops');
ALTER TABLE lake.lab.pasted SET IDENTIFIER FIELDS id`

test.describe('an engineer', () => {
  test.use({ persona: 'editor' })

  test('An engineer declares a table column by column, and a reload keeps the draft', async ({ page }) => {
    await createEmptyTable('before-declared')
    await page.goto(paths.namespace('local', LAB))
    await page.getByRole('link', { name: 'New table' }).click()
    const create = page.getByRole('button', { name: 'Create table' })
    await page.getByLabel('Name', { exact: true }).fill('before-declared')
    await page.getByRole('button', { name: 'Add column' }).click()
    await page.getByRole('textbox', { name: 'Name of column_1' }).fill('flown_at')
    await page.getByRole('textbox', { name: 'Name of column_1' }).press('Enter')
    await page.getByRole('button', { name: 'Edit flown_at' }).click()
    await page.getByRole('combobox', { name: 'Type of flown_at' }).click()
    await page.getByRole('option', { name: 'timestamptz', exact: true }).click()
    await expect(page.getByText('There is already a table or view lab.before-declared.').first()).toBeVisible()
    await expect(create).toBeDisabled()
    await page.getByRole('button', { name: 'Add partition field' }).click()
    await page.getByLabel('Name', { exact: true }).fill('declared')
    const review = page.getByRole('complementary', { name: 'Review' })
    await expect(review).toContainText('Partition by month(flown_at)')
    await expect(review.getByRole('region', { name: 'Request' })).toContainText('"name": "declared"')

    await page.reload()
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('declared')
    await expect(review).toContainText('Partition by month(flown_at)')
    await create.click()
    await expect(page.getByRole('heading', { name: 'lab.declared' })).toBeVisible()
    expect(await fetchTableDetail(page.request, labTable('declared'))).toMatchObject({ formatVersion: 2 })
    await page.getByRole('tab', { name: 'History' }).click()
    await expect(page.getByRole('row').filter({ hasText: /create table/i })).toHaveCount(1)
    await page.goto(`${paths.namespace('local', LAB)}/new-table`)
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('')
  })

  test('An engineer pastes a statement, reads where it is wrong, and creates its table', async ({ page }) => {
    await createLab()
    await page.goto(`${paths.namespace('local', LAB)}/new-table?source=paste`)
    const text = page.getByRole('textbox', { name: 'The text' })
    await text.fill(STATEMENT.replace('BIGINT', 'LONGINT'))
    await expect(page.getByText('Line 2, column 6: LONGINT is not a type that an Iceberg table has.')).toBeVisible()
    const fill = page.getByRole('button', { name: 'Fill the form' })
    await expect(fill).toBeDisabled()
    await text.fill(STATEMENT)
    await fill.click()
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('pasted')
    const review = page.getByRole('complementary', { name: 'Review' })
    await expect(review).toContainText('3 columns, identifier id')
    await review.getByRole('tab', { name: 'Spark SQL' }).click()
    await expect(review.getByRole('region', { name: 'Spark SQL' })).toContainText('PARTITIONED BY (days(`at`))')
    await page.getByRole('button', { name: 'Create table' }).click()
    await expect(page.getByRole('heading', { name: 'lab.pasted' })).toBeVisible()
    await page.getByRole('tab', { name: 'Schema' }).click()
    await expect(page.getByRole('row').filter({ hasText: 'of the leg' }).first()).toBeVisible()
  })

  test('An engineer drops files once: their new table is created, looked away from, and has all their rows', async ({
    page,
  }) => {
    await createLab()
    await page.goto(paths.load())
    await page.getByLabel('Files of your disk').setInputFiles([
      { name: 'first rides.csv', mimeType: 'text/csv', buffer: Buffer.from('ride,Preis\n9007199254740993,1.50\n') },
      { name: 'more.csv', mimeType: 'text/csv', buffer: Buffer.from('ride,Preis\n2,2.25\n') },
    ])
    const target = page.getByRole('form', { name: 'A new table' })
    await target.getByRole('combobox', { name: 'Namespace' }).fill('lab')
    await target.getByRole('button', { name: 'Choose its columns' }).click()
    await expect(page.getByText(/^Filled from first rides\.csv/)).toBeVisible()
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('first_rides')
    await page.getByRole('button', { name: 'Edit Preis' }).click()
    await page.getByRole('textbox', { name: 'Name of Preis' }).fill('price')
    await page.getByRole('textbox', { name: /^Name of/ }).press('Enter')
    await page.getByRole('button', { name: 'Create table' }).click()

    const review = page.getByRole('complementary', { name: 'Review' })
    await expect(review).toContainText('Ready to load. 1 row fits.')
    await page.getByRole('link', { name: 'Jobs', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Jobs' })).toBeVisible()
    await page.goBack()
    await expect(page.getByRole('list', { name: 'Files' }).getByRole('listitem')).toContainText([
      'first rides.csv',
      'more.csv',
    ])
    await expect(review).toContainText('Ready to load. 1 row fits.')
    await review.getByRole('button', { name: 'Load' }).click()
    await expect(page.getByRole('main')).toContainText('succeeded')
    expect((await fetchTableDetail(page.request, labTable('first_rides'))).figures.rowCount).toBe(2)
  })

  test('An engineer learns that a metadata file is already registered, and begins with its table', async ({ page }) => {
    await createTripsTable('lab.model', tripsCsv(1n, 12))
    const { metadataLocation } = await fetchTableDetail(page.request, labTable('model'))
    await page.goto(`${paths.namespace('local', LAB)}/new-table?source=register`)
    await page.getByLabel('Name', { exact: true }).fill('model_again')
    await page.getByLabel('Metadata file').fill(metadataLocation)
    await expect(page.getByText(/is the folder of lab\.model\.$/)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Register table' })).toBeDisabled()
    await expect(page.getByRole('definition').filter({ hasText: /^12$/ })).toBeVisible()

    await page.getByRole('button', { name: 'Like another table' }).click()
    await page.getByRole('textbox', { name: 'Table', exact: true }).fill('lab model')
    await page
      .getByRole('listitem')
      .filter({ hasText: 'local.lab.model' })
      .getByRole('button', { name: 'Fill the form' })
      .click()
    await page.getByLabel('Name', { exact: true }).fill('model_copy')
    await page.getByRole('button', { name: 'Create table' }).click()
    await expect(page.getByRole('heading', { name: 'lab.model_copy' })).toBeVisible()
  })
})

test.describe('an admin', () => {
  test.use({ persona: 'admin' })

  test('An admin creates a table whose type needs format version 3 after upgrading the draft', async ({ page }) => {
    await createLab()
    await page.goto(`${paths.namespace('local', LAB)}/new-table?source=paste`)
    await page.getByRole('textbox', { name: 'The text' }).fill('CREATE TABLE lab.nanos (at timestamp(9), name varchar)')
    await page.getByRole('button', { name: 'Fill the form' }).click()
    await expect(page.getByText('Column at is timestamp_ns, which needs format version 3.').first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'Create table' })).toBeDisabled()
    await page.getByRole('combobox', { name: 'Format version' }).click()
    await page.getByRole('option', { name: /^3/ }).click()
    await page.getByRole('button', { name: 'Create table' }).click()
    await expect(page.getByRole('heading', { name: 'lab.nanos' })).toBeVisible()
  })
})

test('An analyst is offered no new table, and reads why', async ({ page }) => {
  await page.goto(paths.namespace('local', ['demo']))
  await expect(page.getByRole('heading', { name: 'demo' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'New table' })).toHaveCount(0)
  await page.goto(`${paths.namespace('local', ['demo'])}/new-table`)
  await expect(page.getByText('Creating tables needs the editor role.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Create table' })).toHaveCount(0)
})
