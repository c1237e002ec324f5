/**
 * A text as a text field holds it, whose line ends are all `\n`, and the way back. A value in quotes may have line ends:
 * they must not change because a row is corrected.
 */
export type EditableText = { text: string; restore: (edited: string) => string }

/** Null for a text with line ends of several kinds, which a text field would make the same. */
export function toEditable(text: string): EditableText | null {
  const plain = text.replaceAll('\r\n', '\n')
  if (plain.includes('\r')) return null
  if (plain === text) return { text, restore: (edited) => edited }
  const hasOthers = /(?<!\r)\n/.test(text)
  return hasOthers ? null : { text: plain, restore: (edited) => edited.replaceAll('\n', '\r\n') }
}
