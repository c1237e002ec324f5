import { expect, type Page } from '@playwright/test'

/**
 * Replaces the text of the SQL editor. Playwright selects the old text and inserts the new one in two steps, and a busy
 * editor may move the cursor between them.
 */
export async function writeSql(page: Page, sql: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'SQL' })
  await expect(async () => {
    await editor.fill(sql)
    // The editor is a text field until its code has arrived.
    const text = await editor.evaluate((element) =>
      element instanceof HTMLTextAreaElement
        ? element.value
        : Array.from(element.querySelectorAll('.cm-line'), ({ textContent }) => textContent).join('\n'),
    )
    expect(text).toBe(sql)
  }).toPass()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled()
}
