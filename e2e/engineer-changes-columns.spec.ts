import type { Locator, Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { expect, test } from './support/fixtures'
import { fetchFiles, queryDuckdb, readParquetSql } from './support/lake'
import { createTable, createTripsTable, tripsCsv } from './support/cli'
import { createEmptyTable } from './support/empty-table'
import { typeName } from './support/panels'

test.use({ persona: 'editor' })

const tray = (page: Page) => page.getByRole('region', { name: 'Pending changes' })
const schema = (page: Page) => page.getByRole('table', { name: 'Schema' })
const columnRow = (page: Page, name: string) =>
  schema(page)
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name: `Edit ${name}`, exact: true }) })

async function choose(page: Page, column: string, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${column}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

async function fill(field: Locator, text: string): Promise<void> {
  await field.fill(text)
  await field.press('Enter')
}

test('An engineer adds, renames, moves, promotes and drops columns in one commit, and undoes it', {
  tag: '@journey',
}, async ({ page }) => {
  const table = labTable('evolved')
  const fields = [
    { name: 'id', type: 'long', required: true },
    { name: 'city', type: 'string' },
    { name: 'stops', type: 'int' },
    { name: 'note', type: 'string' },
  ]
  await createTable('lab.evolved', fields, 'id,city,stops,note\n1,Oslo,3,a\n2,Rome,4,b')
  const before = await fetchFiles(page.request, table)
  await page.goto(paths.table(table, 'schema'))

  await page.getByRole('button', { name: 'Add column' }).click()
  await fill(page.getByRole('textbox', { name: 'Name of new_column' }), 'fare')
  await page.getByRole('button', { name: 'Edit fare' }).click()
  await page.getByRole('combobox', { name: 'Type of fare' }).click()
  await page.getByRole('option', { name: 'decimal', exact: true }).click()
  await page.getByRole('textbox', { name: 'Precision' }).fill('9')
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(columnRow(page, 'fare')).toContainText('decimal(9, 2)')

  await page.getByRole('button', { name: 'Edit city' }).click()
  await fill(page.getByRole('textbox', { name: 'Name of city' }), 'town')
  await expect(columnRow(page, 'town')).toContainText('city')

  await page.getByRole('button', { name: 'Edit stops' }).click()
  await page.getByRole('combobox', { name: 'Type of stops' }).click()
  await expect(page.getByRole('option')).toHaveText(['int', 'long'])
  await page.getByRole('option', { name: 'long' }).click()
  await page.getByRole('button', { name: 'Done' }).click()

  // By keyboard, on the handle that the pointer drags.
  await page.getByRole('button', { name: 'Move stops' }).press('ArrowUp')
  await choose(page, 'note', 'Drop')
  await expect(page.getByRole('button', { name: 'Keep note' })).toBeVisible()

  await expect(tray(page)).toContainText('5 changes')
  await expect(page.getByRole('tab', { name: /Schema/ })).toContainText('5')
  await page.getByRole('button', { name: 'List the changes' }).click()
  await expect(tray(page).getByRole('list', { name: 'Schema' }).getByRole('listitem')).toHaveCount(5)
  await page.reload()
  await expect(columnRow(page, 'town')).toBeVisible()

  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await expect(review).toContainText('"assert-current-schema-id"')
  await review.getByRole('button', { name: 'Commit' }).click()
  const committed = page.getByRole('status').filter({ hasText: 'Committed:' })
  await expect(committed.getByRole('link', { name: 'new metadata' })).toHaveAttribute(
    'href',
    /level=metadata&to=.*metadata\.json/,
  )
  const names = schema(page).getByRole('button', { name: /^Edit / })
  await expect(names).toHaveText(['id', 'stops', 'town', 'fare'])

  // The files are those from before, and their rows are read under the new names.
  expect((await fetchFiles(page.request, table)).map((file) => file.path)).toEqual(before.map((file) => file.path))
  await page.getByRole('tab', { name: 'Data' }).click()
  const grid = page.getByRole('grid', { name: 'Rows' })
  await expect(grid.getByRole('row').filter({ hasText: 'Oslo' })).toContainText('3')
  await expect(grid.getByRole('columnheader', { name: /^town/ })).toBeVisible()
  await expect(grid.getByRole('columnheader', { name: /^note/ })).toHaveCount(0)
  expect(await queryDuckdb(`select id, city from ${readParquetSql(before)} order by id`)).toEqual([
    ['1', 'Oslo'],
    ['2', 'Rome'],
  ])

  await page.getByRole('tab', { name: 'Schema' }).click()
  await page.getByRole('radiogroup', { name: 'View' }).getByText('History').click()
  await expect(
    page.getByRole('table', { name: 'Differences' }).getByRole('row').filter({ hasText: 'town' }),
  ).toContainText('renamed')
  await expect(
    page.getByRole('table', { name: 'Differences' }).getByRole('row').filter({ hasText: 'note' }),
  ).toContainText('dropped')

  await page.getByRole('tab', { name: 'History' }).click()
  await page
    .getByRole('button', { name: /^Undo .+/ })
    .first()
    .click()
  await page.getByRole('complementary').getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Undone.' })).toBeVisible()
  await page.goto(paths.table(table, 'schema'))
  await expect(names).toHaveText(['id', 'city', 'stops', 'note'])
})

test('A column is moved by dragging its handle, another is added within a struct, and what Iceberg forbids says why', async ({
  page,
}) => {
  const table = labTable('nested-columns')
  await createTripsTable('lab.nested-columns', tripsCsv(1n, 5))
  await page.goto(paths.table(table, 'schema'))
  const names = schema(page).getByRole('button', { name: /^Edit / })
  await expect(names).toHaveText(['id', 'city', 'fare'])
  // A late part of the page, such as a font, may move the rows while the mouse is on its way.
  await expect(async () => {
    const target = (await columnRow(page, 'id').boundingBox())!
    await page.getByRole('button', { name: 'Move fare' }).hover()
    await page.mouse.down()
    await page.mouse.move(target.x + 120, target.y + 20, { steps: 4 })
    await page.mouse.move(target.x + 120, target.y + 4, { steps: 4 })
    await page.mouse.up()
    await expect(names).toHaveText(['fare', 'id', 'city'], { timeout: 5_000 })
  }).toPass()
  await expect(tray(page)).toContainText('1 change')

  await page.getByRole('button', { name: 'Add column' }).click()
  await fill(page.getByRole('textbox', { name: 'Name of new_column' }), 'place')
  await page.getByRole('button', { name: 'Edit place' }).click()
  await page.getByRole('combobox', { name: 'Type of place' }).click()
  await expect(page.getByRole('option', { name: /^variant/ })).toHaveAttribute('data-combobox-disabled', 'true')
  await page.getByRole('option', { name: 'struct', exact: true }).click()
  await choose(page, 'place', 'Add a column within')
  await fill(page.getByRole('textbox', { name: 'Name of new_column' }), 'lat')
  await expect(tray(page)).toContainText('2 changes')

  // The existing rows have no value for it.
  await page.getByRole('checkbox', { name: 'place is required' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'cannot be required' })).toBeVisible()
  await page.getByRole('button', { name: 'Actions for city', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: /Make it an identifier field/ })).toBeDisabled()
  await expect(page.getByRole('menuitem', { name: /is optional/ })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Edit city' }).click()
  await fill(page.getByRole('textbox', { name: 'Name of city' }), 'FARE')
  await expect(page.getByText(/differ in case alone/)).toBeVisible()
  await fill(page.getByRole('textbox', { name: 'Name of city' }), 'town')
  await page.getByRole('switch', { name: 'Hide unchanged' }).check()
  await expect(page.getByRole('button', { name: 'Show 1 unchanged column' }).first()).toBeVisible()
})

test('Two people who edit one table see the conflict, and choose', async ({ page, openPageAs }) => {
  const table = labTable('edited-by-two')
  await createEmptyTable('edited-by-two')
  const address = paths.table(table, 'schema')
  const other = await openPageAs('admin')
  await page.goto(address)
  await other.goto(address)
  for (const [person, name] of [
    [page, 'town'],
    [other, 'place'],
  ] as const) {
    await person.getByRole('button', { name: 'Edit city' }).click()
    await fill(person.getByRole('textbox', { name: 'Name of city' }), name)
  }
  await choose(page, 'fare', 'Drop')
  await other.getByRole('button', { name: 'Review' }).click()
  await other.getByRole('button', { name: 'Commit', exact: true }).click()
  await expect(other.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()

  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  const conflict = review.getByRole('region', { name: 'Conflicts' })
  await expect(conflict.getByRole('listitem')).toHaveText([/city.*place.*town/s])
  await expect(review.getByRole('button', { name: 'Commit' })).toBeDisabled()
  await conflict.getByRole('button', { name: 'Use mine' }).click()
  await review.getByRole('button', { name: /^Discard: Drop the column fare/ }).click()
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
  await expect(schema(page).getByRole('button', { name: /^Edit / })).toHaveText(['id', 'town', 'fare'])
})

test('Version 3 brings defaults, once the table is upgraded', async ({ page }) => {
  await createTripsTable('lab.defaults', tripsCsv(1n, 5))
  await page.goto(paths.table(labTable('defaults'), 'schema'))
  await page.getByRole('button', { name: 'Add column' }).click()
  await expect(page.getByRole('textbox', { name: 'Default of new_column' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Upgrade to version 3' }).click()
  await fill(page.getByRole('textbox', { name: 'Default of new_column' }), 'none yet')
  await page.getByRole('button', { name: 'Review' }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await expect(review).toContainText('A format version cannot be lowered again, so this commit cannot be undone')
  await expect(review).not.toContainText('read null')
  await expect(review.getByRole('region', { name: 'Clients of the table' })).toContainText(
    'No known client used the table in the last 30 days. Clients have been recorded since',
  )
  await expect(review.getByRole('button', { name: 'Commit' })).toBeDisabled()
  await typeName(review, 'lab.defaults')
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Committed:' })).toBeVisible()
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(page.getByRole('grid', { name: 'Rows' }).getByText('none yet').first()).toBeVisible()
})

test.describe('an analyst', () => {
  test.use({ persona: 'viewer' })

  test('reads the schema and its history, and changes them for a proposal only', async ({ page }) => {
    await createTripsTable('lab.only-read', tripsCsv(1n, 5))
    await page.goto(paths.table(labTable('only-read'), 'schema'))
    await expect(schema(page)).toContainText('city')
    await expect(page.getByText('Your changes become a proposal for another user to commit.')).toBeVisible()
    await choose(page, 'city', 'Drop')
    await page.getByRole('button', { name: 'Review' }).click()
    await expect(page.getByRole('button', { name: 'Commit', exact: true })).toBeDisabled()
    await expect(page.getByRole('button', { name: 'Propose…' })).toBeEnabled()
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('radiogroup', { name: 'View' }).getByText('History').click()
    await expect(page.getByRole('region', { name: 'Snapshots with this schema' })).toContainText(
      'Current at 1 snapshot',
    )
    await expect(page.getByRole('button', { name: 'Return to this schema' })).toHaveCount(0)
  })
})
