/** Shorter words have too many others that differ by one letter. */
const MIN_LETTERS = 5
const MAX_CHARS = 40

/** A search for texts that have a word with one typing mistake: a letter too much, too few, another, or two swapped. */
export type SimilarWord = {
  word: string
  /** Parts of the word. A text with the word mostly has one of them, because the mistake is in the others. */
  pieces: readonly string[]
  /** Matches folded texts that have such a word. */
  pattern: RegExp
}

/** For the longest of the folded words; null if it is too short or begins or ends with a sign. */
export function similarWord(foldedWords: readonly string[]): SimilarWord | null {
  const word = foldedWords.reduce((longer, one) => (one.length > longer.length ? one : longer), '')
  const chars = Array.from(word)
  const letterCount = chars.filter((char) => /\p{L}/u.test(char)).length
  if (letterCount < MIN_LETTERS || chars.length > MAX_CHARS || !/^[\p{L}\p{N}].*[\p{L}\p{N}]$/u.test(word)) return null
  return { word, pieces: piecesOf(chars), pattern: new RegExp(variantsOf(chars).join('|'), 'u') }
}

/** The index finds the inside of names by three characters or more, and beginnings by fewer. */
function piecesOf(chars: readonly string[]): string[] {
  const middle = Math.floor(chars.length / 2)
  const cuts =
    middle < 3
      ? [chars.slice(0, 2), chars.slice(0, 3), chars.slice(-3)]
      : [chars.slice(0, middle), chars.slice(Math.min(middle + 1, chars.length - 3))]
  return cuts.map((cut) => cut.join(''))
}

function variantsOf(chars: readonly string[]): string[] {
  const escaped = chars.map((char) => char.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&'))
  return escaped.flatMap((char, at) => {
    const [before, after] = [escaped.slice(0, at), escaped.slice(at + 1)]
    const [next, ...rest] = after
    return [
      [...before, ...after],
      [...before, '.', ...after],
      [...before, '.', char, ...after],
      ...(next === undefined ? [] : [[...before, next, char, ...rest]]),
    ].map((variant) => variant.join(''))
  })
}
