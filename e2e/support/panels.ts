import type { Locator, Page } from '@playwright/test'

/** A side panel: next to the page, or as a modal dialog that covers a phone. */
export function panelNamed(page: Page, name: string | RegExp): Locator {
  return page.getByRole('complementary', { name }).or(page.getByRole('dialog', { name }))
}
