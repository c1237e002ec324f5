import userEvent from '@testing-library/user-event'

/** Enters a text at once, as from the clipboard. Typing it renders the page for each of its keys. */
export async function enterText(field: Element, text: string): Promise<void> {
  await userEvent.click(field)
  await userEvent.paste(text)
}
