import type { TextPosition } from '@/lib/changes/ddl/ddl-error'

/** On each side of the column: a phone shows both without wrapping. */
const MAX_SIDE_CHARS = 20

/**
 * The line of a position, in three parts: before the column, its character, and after it. An ellipsis replaces omitted
 * text. At the end of a line the character is a space.
 */
export function excerptAt(text: string, { line, column }: TextPosition): { before: string; at: string; after: string } {
  const chars = text.split('\n')[line - 1]?.replaceAll(/\s/g, ' ') ?? ''
  const index = Math.min(column - 1, chars.length)
  const [before, after] = [chars.slice(0, index).trimStart(), chars.slice(index + 1).trimEnd()]
  return {
    before: before.length > MAX_SIDE_CHARS ? `…${before.slice(-MAX_SIDE_CHARS)}` : before,
    at: chars.charAt(index) || ' ',
    after: after.length > MAX_SIDE_CHARS ? `${after.slice(0, MAX_SIDE_CHARS)}…` : after,
  }
}
