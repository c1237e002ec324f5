import { expect, type Locator, type Page } from '@playwright/test'

/** Reviews the pending changes of the table on the page, and commits them. */
export async function commitTray(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Review/ }).click()
  const review = page.getByRole('complementary', { name: /^Review/ })
  await review.getByRole('button', { name: 'Commit' }).click()
  await expect(review).toBeHidden()
}

/** The notice after a commit. */
export function status(page: Page, text: string): Locator {
  return page.getByRole('status').filter({ hasText: text })
}
