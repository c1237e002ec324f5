import { expect, type Locator, type Page } from '@playwright/test'

/**
 * Lists the files that the shown expiry would remove. The list belongs to the figures that are shown, and disappears
 * with those of the age before. A busy server counts and lists no longer than two seconds, and then offers it once more.
 */
export async function listExpiredFiles(within: Page | Locator): Promise<void> {
  const list = expiredFilesOf(within)
  await expect(async () => {
    if (await list.isVisible()) return
    await within
      .getByRole('button', { name: /^(List the files|Count files|Try again)$/ })
      .first()
      .click({ timeout: 5_000 })
    await expect(list).toBeVisible({ timeout: 10_000 })
  }).toPass()
}

export function expiredFilesOf(within: Page | Locator): Locator {
  return within.getByRole('list', { name: 'Files', exact: true })
}
