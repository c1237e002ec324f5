import { foldText } from './fold-text'

/** The texts that decide how close a hit is to the words. */
export type RankedText = {
  name: string
  /** Its parents: the names of the namespace and of the table. */
  path: string
  detail: string | null
  changedAtMs: number | null
}

/** How close a word is, the closest first. */
const CLOSENESS = { exact: 0, beginning: 1, word: 2, inside: 3, path: 4, detail: 5 }

/** A word begins after anything that is neither a letter nor a digit. */
const INNER_CHAR = /[\p{L}\p{N}]/u

/**
 * The closest first: the whole name, its beginning, the beginning of a word in it, any part of it, then its parents and
 * its description. Among equally close hits, the most recently changed come first, then shorter names.
 */
export function rankHits<Hit extends RankedText>(hits: readonly Hit[], foldedWords: readonly string[]): Hit[] {
  const ranked = hits.map((hit) => ({ hit, closeness: closenessOf(hit, foldedWords) }))
  ranked.sort(
    (a, b) =>
      a.closeness - b.closeness ||
      (b.hit.changedAtMs ?? 0) - (a.hit.changedAtMs ?? 0) ||
      a.hit.name.length - b.hit.name.length ||
      compareText(`${a.hit.path}\n${a.hit.name}`, `${b.hit.path}\n${b.hit.name}`),
  )
  return ranked.map(({ hit }) => hit)
}

/** The sum over the words. */
export function closenessOf(hit: Pick<RankedText, 'name' | 'path' | 'detail'>, foldedWords: readonly string[]): number {
  const [name, path] = [foldText(hit.name), foldText(hit.path)]
  return foldedWords.reduce((sum, word) => sum + closenessOfWord(name, path, word), 0)
}

function closenessOfWord(name: string, path: string, word: string): number {
  if (name === word) return CLOSENESS.exact
  if (name.startsWith(word)) return CLOSENESS.beginning
  let at = name.indexOf(word)
  if (at < 0) return path.includes(word) ? CLOSENESS.path : CLOSENESS.detail
  for (; at >= 0; at = name.indexOf(word, at + 1)) {
    if (!INNER_CHAR.test(name.charAt(at - 1))) return CLOSENESS.word
  }
  return CLOSENESS.inside
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
