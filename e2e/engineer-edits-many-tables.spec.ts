import type { Page } from '@playwright/test'
import { labTable, paths } from './support/addresses'
import { createEmptyTable } from './support/empty-table'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'

const NAMES = ['many_one', 'many_two', 'many_three']
const KEY = 'write.target-file-size-bytes'

test.describe('An engineer', () => {
  test.use({ persona: 'editor' })

  test('changes properties of chosen tables by a run, sees each result after a reload, and undoes the batch', async ({
    page,
  }) => {
    for (const name of NAMES) await createEmptyTable(name)
    await page.goto(paths.namespace('local', ['lab']))
    await page.getByRole('button', { name: 'Namespace actions' }).click()
    await page.getByRole('menuitem', { name: 'Change many tables…' }).click()
    await page.getByRole('searchbox', { name: 'Name contains' }).fill('many_')
    await setProperty(page, KEY, 'much')
    await expect(page.getByText(`${KEY} should be`)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Set', exact: true })).toBeDisabled()
    await setProperty(page, KEY, '268435456')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await setProperty(page, 'team', 'ops')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByRole('textbox', { name: 'Tag to add or remove' }).fill('pii')
    await page.getByRole('button', { name: 'Add tag' }).click()
    await page.getByRole('button', { name: 'Choose 3 tables' }).click()
    await page.getByRole('checkbox', { name: 'Choose many_three' }).uncheck()

    await page.getByRole('button', { name: 'Preview 2 tables' }).click()
    await expect(page).toHaveURL(/bulk-changes/)
    await expect(results(page).getByRole('button', { name: 'will change 2', exact: true })).toBeVisible()
    await expect(row(page, 'many_one')).toContainText(`${KEY}: not set → 268435456`)
    expect(await propertiesOf(page, 'many_one'), 'a preview changes nothing').not.toHaveProperty(['team'])

    await page.getByRole('button', { name: 'Change 2 tables' }).click()
    await expect(results(page).getByRole('button', { name: 'changed 2', exact: true })).toBeVisible()
    for (const name of ['many_one', 'many_two'])
      expect(await propertiesOf(page, name)).toMatchObject({ [KEY]: '268435456', team: 'ops', 'lakeshore.tags': 'pii' })
    expect(await propertiesOf(page, 'many_three'), 'it was not chosen').not.toHaveProperty(['team'])
    await page.reload()
    await expect(row(page, 'many_two').getByRole('link', { name: 'changed' })).toBeVisible()

    await page.getByRole('button', { name: 'Undo batch…' }).click()
    await page.getByRole('button', { name: 'Undo 2 tables' }).click()
    await expect(results(page).getByRole('button', { name: 'undone 2', exact: true })).toBeVisible()
    expect(await propertiesOf(page, 'many_one')).not.toHaveProperty(['team'])
    await row(page, 'many_one').getByRole('link', { name: 'lab.many_one' }).click()
    await expect(page).toHaveURL(/many_one\/settings/)
  })
})

test.describe('An engineer who tidies up', () => {
  test.use({ persona: 'editor' })

  test('drops chosen tables after typing their number, and restores them with the batch', async ({ page }) => {
    const names = ['tidy_one', 'tidy_two']
    for (const name of names) await createEmptyTable(name)
    await page.goto(paths.tableProperties('local', ['lab']))
    await page.getByRole('searchbox', { name: 'Name contains' }).fill('tidy_')
    await page.getByRole('radiogroup', { name: 'What to do' }).getByText('drop', { exact: true }).click()
    await page.getByRole('button', { name: 'Choose 2 tables' }).click()
    await page.getByRole('button', { name: 'Preview 2 tables' }).click()
    await expect(results(page).getByRole('button', { name: 'will change 2', exact: true })).toBeVisible()
    await expect(page.getByText('previewed, nothing changed yet')).toBeVisible()

    const drop = page.getByRole('button', { name: 'Drop 2 tables' })
    await expect(drop).toBeDisabled()
    await page.getByRole('textbox', { name: 'Type drop 2 tables in local to confirm' }).fill('drop 2 tables in local')
    await drop.click()
    await expect(results(page).getByRole('button', { name: 'changed 2', exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Undo batch…' }).click()
    await page.getByRole('button', { name: 'Undo 2 tables' }).click()
    await expect(results(page).getByRole('button', { name: 'undone 2', exact: true })).toBeVisible()
    await expect(row(page, 'tidy_one').getByText('undone', { exact: true })).toBeVisible()
    expect(await propertiesOf(page, 'tidy_one'), 'it is back').toBeTruthy()
  })
})

test.describe('An analyst', () => {
  test.use({ persona: 'viewer' })

  test('proposes the changes of the tables', async ({ page }) => {
    await createEmptyTable('proposed_many')
    await page.goto(paths.tableProperties('local', ['lab']))
    await page.getByRole('searchbox', { name: 'Name contains' }).fill('proposed_many')
    await setProperty(page, 'steward', 'lea')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByRole('checkbox', { name: 'Choose proposed_many' }).check()
    await page.getByRole('button', { name: 'Preview 1 table' }).click()
    await expect(row(page, 'proposed_many')).toContainText('steward: not set → lea')
    const propose = page.getByRole('button', { name: 'Propose for 1 table' })
    await expect(propose, 'a proposal has a title').toBeDisabled()
    await page.getByRole('textbox', { name: 'Title of the proposal' }).fill('Name the steward')
    await propose.click()
    await row(page, 'proposed_many').getByRole('link', { name: 'proposed', exact: true }).click()
    await expect(page.getByText('Name the steward').first()).toBeVisible()
    expect(await propertiesOf(page, 'proposed_many')).not.toHaveProperty(['steward'])
  })
})

async function setProperty(page: Page, key: string, value: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Property', exact: true }).fill(key)
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill(value)
}

function results(page: Page) {
  return page.getByRole('group', { name: 'Result' })
}

function row(page: Page, table: string) {
  return page.getByRole('row').filter({ hasText: table })
}

async function propertiesOf(page: Page, table: string): Promise<Readonly<Record<string, string>>> {
  return (await fetchTableDetail(page.request, labTable(table))).properties
}
