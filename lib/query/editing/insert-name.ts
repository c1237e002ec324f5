/** A text with SQL inserted at the cursor, apart from words that it would touch, and the cursor behind it. */
export function insertName(text: string, cursor: number, name: string): { sql: string; cursor: number } {
  const at = Math.min(cursor, text.length)
  const before = text.slice(0, at)
  const after = text.slice(at)
  const inserted = `${/[\w"'),\]]$/.test(before) ? ' ' : ''}${name}${/^[\w"'(]/.test(after) ? ' ' : ''}`
  return { sql: before + inserted + after, cursor: before.length + inserted.length }
}
