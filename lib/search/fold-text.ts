/** Text as search compares it: without case, accents and compatibility forms (`Ｐrix` is `prix`). */

/** Longer texts are compared by their beginning. */
export const MAX_FOLDED_CHARS = 400

export function foldText(text: string): string {
  return foldFully(text.length > MAX_FOLDED_CHARS ? text.slice(0, MAX_FOLDED_CHARS) : text).slice(0, MAX_FOLDED_CHARS)
}

/** Most names; they need none of the steps for other scripts, which would take most of the time of a filter. */
const PLAIN_ASCII = /^[!-~]*$/

function foldFully(text: string): string {
  if (PLAIN_ASCII.test(text)) return text.toLowerCase()
  return (
    text
      .toWellFormed()
      .normalize('NFKD')
      .replaceAll(/\p{M}+/gu, '')
      // First to upper case, so that ß is like ss.
      .toUpperCase()
      .toLowerCase()
      .replaceAll('ς', 'σ')
      // Private-use characters mark parts, and neither database stores NUL.
      .replaceAll(/[\p{Cc}\p{Co}\s]+/gu, ' ')
      .trim()
  )
}

export type TextPart = { text: string; isMatch: boolean }

/** The text in parts. Parts that match one of the folded words are marked. */
export function markMatches(text: string, foldedWords: readonly string[]): TextPart[] {
  const chars = Array.from(text)
  const starts: number[] = []
  let folded = ''
  for (const char of chars) {
    starts.push(folded.length)
    folded += foldFully(char) || (/\s/u.test(char) ? ' ' : '')
  }
  const marked = new Set<number>()
  for (const word of foldedWords.filter((one) => one !== '')) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      for (let i = at; i < at + word.length; i += 1) marked.add(i)
    }
  }
  const parts: TextPart[] = []
  for (const [index, char] of chars.entries()) {
    const isMatch = marked.has(starts[index] ?? -1)
    const last = parts.at(-1)
    if (last?.isMatch === isMatch) last.text += char
    else parts.push({ text: char, isMatch })
  }
  return parts
}
