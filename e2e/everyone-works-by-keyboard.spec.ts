import type { Locator, Page } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, labTable, paths } from './support/addresses'
import { createAuditedTable } from './support/audited-table'
import { expect, test } from './support/fixtures'
import { panelNamed } from './support/panels'

test.use({ persona: 'editor' })

test('A panel opens from a menu by keys, with the safety tag in sight, can be left, and gives the focus back', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  const { panel, actions } = await openRollback(page)
  await expect(panel.getByRole('checkbox', { name: /safety tag/ })).toBeInViewport()
  // The panel scrolls down to the whole commit.
  await panel.getByRole('region', { name: 'The commit' }).hover()
  await page.mouse.wheel(0, 2_000)
  await expect(panel.getByRole('table', { name: 'Impact' })).not.toBeInViewport()
  await pressUntilFocused(page, 'Tab', panel.getByRole('textbox', { name: /^Type/ }))
  await pressUntilFocused(page, 'Tab', panel.getByRole('button', { name: 'Cancel' }))
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(actions).toBeFocused()
})

test('On a phone Tab stays within a panel, which covers the page', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const { panel } = await openRollback(page)
  await expect(page.getByRole('dialog', { name: 'Roll back main' })).toHaveAttribute('aria-modal', 'true')
  const focused = new Set<string>()
  for (const key of ['Tab', 'Shift+Tab'])
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press(key)
      const name = await panel.evaluate((element) => {
        const { activeElement } = document
        return element.contains(activeElement) ? `${activeElement?.tagName} ${activeElement?.textContent}` : null
      })
      expect(name, `after ${key} ${i + 1}`).not.toBeNull()
      focused.add(name ?? '')
    }
  expect(focused.size).toBeGreaterThan(3)
})

test('Refs are fast-forwarded, set and renamed by keys, bad input is said, and the focus returns', async ({ page }) => {
  const table = labTable('moved-by-keys')
  const { onAudit } = await createAuditedTable(page, table)
  await page.goto(paths.table(table, 'snapshots'))
  const lists = page.getByRole('group', { name: 'List', exact: true })
  const menus = [
    { list: /snapshots$/, of: onAudit, item: /^Set as current snapshot/ },
    { list: /refs$/, of: 'audit', item: /^Fast-forward main to here/ },
  ]
  for (const { list, of, item } of menus) {
    await lists.getByRole('button', { name: list }).press('Enter')
    const actions = page.getByRole('button', { name: `${of} options`, exact: true })
    await openByKeys(page, actions, item)
    const panel = page.getByRole('complementary', { name: 'Fast-forward main' })
    await expect(panel).toBeFocused()
    await expect(panel.getByRole('table', { name: 'Impact' })).toBeVisible()
    await pressUntilFocused(page, 'Tab', panel.getByRole('button', { name: 'Fast-forward', exact: true }))
    await page.keyboard.press('Escape')
    await expect(panel).toHaveCount(0)
    await expect(actions).toBeFocused()
  }

  const actions = page.getByRole('button', { name: 'audit options', exact: true })
  await openByKeys(page, actions, /^Rename/)
  const rename = page.getByRole('complementary', { name: 'Rename: audit' })
  const name = rename.getByRole('textbox', { name: 'Name' })
  await pressUntilFocused(page, 'Tab', name)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('main')
  await expect(rename).toContainText('The table already has a branch main.')
  await page.keyboard.press('Enter')
  await expect(rename).toBeVisible()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('checked')
  await page.keyboard.press('Enter')
  await expect(rename).toHaveCount(0)
  await expect(actions).toBeFocused()
  await expect(page.getByRole('button', { name: 'Review' })).toBeVisible()
})

test('The focus stays near a change that is taken back', async ({ page }) => {
  await page.goto(paths.table(EARTHQUAKES, 'schema'))
  const add = page.getByRole('button', { name: 'Add column' })
  for (const name of ['first', 'second']) {
    await focusEnabled(add)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: /^Name of new_column/ })).toBeFocused()
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: `Edit ${name}` })).toBeFocused()
  }

  const reviewButton = page.getByRole('button', { name: 'Review' })
  await focusEnabled(reviewButton)
  await page.keyboard.press('Enter')
  const review = page.getByRole('complementary', { name: 'Review 2 changes' })
  await expect(review).toBeFocused()
  await pressUntilFocused(page, 'Tab', review.getByRole('tab', { name: 'REST request' }))
  await page.keyboard.press('End')
  await expect(review.getByRole('tab', { name: 'PyIceberg' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(review.getByRole('button', { name: 'Copy PyIceberg' })).toBeFocused()

  await focusEnabled(review.getByRole('button', { name: /^Discard: .*first/ }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Discard: .*second/ })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(reviewButton).toBeFocused()
  await focusEnabled(page.getByRole('button', { name: 'Discard', exact: true }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

async function openByKeys(page: Page, actions: Locator, item: RegExp): Promise<void> {
  await focusEnabled(actions)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await pressUntilFocused(page, 'ArrowDown', page.getByRole('menuitem', { name: item }))
  await page.keyboard.press('Enter')
}

/** Opens the panel of a rollback of flights by keys, from the menu of a snapshot. */
async function openRollback(page: Page): Promise<{ panel: Locator; actions: Locator }> {
  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  const actions = page.getByRole('button', { name: / options$/ }).nth(2)
  await openByKeys(page, actions, /^Roll main back/)
  const panel = panelNamed(page, 'Roll back main')
  await expect(panel).toBeFocused()
  await expect(panel.getByRole('table', { name: 'Impact' })).toBeVisible()
  return { panel, actions }
}

/** Focuses a control once it can be used: until its panel has loaded it is disabled, and focus() does nothing. */
async function focusEnabled(control: Locator): Promise<void> {
  await expect(control).toBeEnabled()
  await control.focus()
}

/** The number of stops may change, but not that the keys reach the control. */
async function pressUntilFocused(page: Page, key: 'Tab' | 'ArrowDown', control: Locator): Promise<void> {
  await expect(control).toBeVisible()
  // A disabled control is no stop.
  await expect(control).toBeEnabled()
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press(key)
    if (await control.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${key} does not reach ${await control.ariaSnapshot()}`)
}
