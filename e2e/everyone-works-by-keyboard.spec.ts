import type { Locator, Page } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, paths } from './support/addresses'
import { expect, test } from './support/fixtures'

test.use({ persona: 'editor' })

test('A panel opens from a menu by keys, can be left, and gives the focus back', async ({ page }) => {
  await page.goto(paths.table(FLIGHTS, 'snapshots'))
  const actions = page.getByRole('button', { name: /^Actions of/ }).nth(2)
  await actions.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await pressUntilFocused(page, 'ArrowDown', page.getByRole('menuitem', { name: /^Roll main back/ }))
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Roll back main' })
  await expect(panel).toBeFocused()
  await expect(panel.getByRole('table', { name: 'Impact' })).toBeVisible()
  await pressUntilFocused(page, 'Tab', panel.getByRole('textbox', { name: /^Type/ }))
  await pressUntilFocused(page, 'Tab', panel.getByRole('button', { name: 'Cancel' }))
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(actions).toBeFocused()
})

test('The focus stays near a change that is taken back', async ({ page }) => {
  await page.goto(paths.table(EARTHQUAKES, 'schema'))
  const add = page.getByRole('button', { name: 'Add column' })
  for (const name of ['first', 'second']) {
    await add.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: /^Name of new_column/ })).toBeFocused()
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: `Edit ${name}` })).toBeFocused()
  }

  const reviewButton = page.getByRole('button', { name: 'Review' })
  await reviewButton.focus()
  await page.keyboard.press('Enter')
  const review = page.getByRole('complementary', { name: 'Review 2 changes' })
  await expect(review).toBeFocused()
  await pressUntilFocused(page, 'Tab', review.getByRole('tab', { name: 'REST request' }))
  await page.keyboard.press('End')
  await expect(review.getByRole('tab', { name: 'PyIceberg' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(review.getByRole('button', { name: 'Copy PyIceberg' })).toBeFocused()

  await review.getByRole('button', { name: /^Discard: .*first/ }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Discard: .*second/ })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(reviewButton).toBeFocused()
  await page.getByRole('button', { name: 'Discard', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

/** The number of stops may change, but not that the keys reach the control. */
async function pressUntilFocused(page: Page, key: 'Tab' | 'ArrowDown', control: Locator): Promise<void> {
  await expect(control).toBeVisible()
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press(key)
    if (await control.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${key} does not reach ${await control.ariaSnapshot()}`)
}
