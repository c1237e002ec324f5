import { expect, type Locator, type Page } from '@playwright/test'

/** Replaces the text of the SQL editor of the Query page, which can then run it. */
export async function writeSql(page: Page, sql: string): Promise<void> {
  await fillSql(page.getByRole('textbox', { name: 'SQL' }), sql)
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled()
}

/**
 * Replaces the text of an SQL editor. Playwright selects the old text and inserts the new one in two steps, and a busy
 * editor may move the cursor between them.
 */
export async function fillSql(editor: Locator, sql: string): Promise<void> {
  await expect(async () => {
    await editor.fill(sql)
    expect(await readSql(editor)).toBe(sql)
  }).toPass()
}

/** The editor is a text field until its code has arrived. */
export function readSql(editor: Locator): Promise<string> {
  return editor.evaluate((element) =>
    element instanceof HTMLTextAreaElement
      ? element.value
      : Array.from(element.querySelectorAll('.cm-line'), ({ textContent }) => textContent).join('\n'),
  )
}
