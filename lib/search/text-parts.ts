/**
 * Parts by which an index finds the inside of names: every three characters of a text. In texts that are not all ASCII,
 * two characters may be a word, so they are a part, too, after a mark that no text has.
 */

const PART_CHARS = 3
const PAIR_MARK = '\uE000'
const NON_ASCII = /\P{ASCII}/u

/** The text that is indexed by its parts. */
export function withPairs(folded: string): string {
  if (!NON_ASCII.test(folded)) return folded
  const chars = Array.from(folded)
  const pairs = chars.slice(1).flatMap((char, index) => {
    const pair = `${chars[index]}${char}`
    return NON_ASCII.test(pair) ? [`${PAIR_MARK}${pair}`] : []
  })
  return [folded, ...new Set(pairs)].join('')
}

/** The parts that a text with this word has; none for a word that is too short to be found inside of a name. */
export function partsOfWord(foldedWord: string): string[] {
  const chars = Array.from(foldedWord)
  if (chars.length < PART_CHARS) {
    return chars.length === 2 && NON_ASCII.test(foldedWord) ? [`${PAIR_MARK}${foldedWord}`] : []
  }
  const parts = chars.slice(PART_CHARS - 1).map((_, index) => chars.slice(index, index + PART_CHARS).join(''))
  return [...new Set(parts)]
}
