/** Visible text on one line. */
export const PROPOSAL_TITLE = /^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,198}[^\s\p{C}])?$/u

const MAX_CHARS = 200
const NOT_IN_TITLE = /[\p{C}\p{Z}\s]+/gu

/** A title from any text, such as the sentences of changes; empty if no character of the text is allowed. */
export function toProposalTitle(text: string): string {
  const line = text.replace(NOT_IN_TITLE, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= MAX_CHARS
    ? line
    : `${characters
        .slice(0, MAX_CHARS - 1)
        .join('')
        .trimEnd()}…`
}
