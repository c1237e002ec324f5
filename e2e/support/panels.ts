import { expect, type Locator, type Page } from '@playwright/test'

/** A side panel: next to the page, or as a modal dialog that covers a phone. */
export function panelNamed(page: Page, name: string | RegExp): Locator {
  return page.getByRole('complementary', { name }).or(page.getByRole('dialog', { name }))
}

/** Types the name that a review asks for. It has the catalog, too, while another test has connected one. */
export async function typeName(scope: Locator | Page, name: string): Promise<void> {
  const requested = scope.locator('label', { hasText: /^Type/ }).locator('code')
  await expect(requested).toHaveText(new RegExp(`^(local\\.)?${name.replaceAll('.', '\\.')}$`))
  await scope.getByLabel(/^Type/).fill(await requested.innerText())
}
