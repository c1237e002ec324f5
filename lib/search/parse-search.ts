import { foldText } from './fold-text'
import { SEARCH_KINDS, type SearchKind } from './entry-kinds'

/** More words than these are ignored: they narrow no further. */
const MAX_WORDS = 8
/** The rest of a longer word does not narrow the search further. */
const MAX_WORD_CHARS = 200

export type ParsedSearch = {
  /** Null: of every kind. */
  kinds: readonly SearchKind[] | null
  /** Folded, each once, the first ones of too many. */
  words: readonly string[]
}

/** Reads the typed text: words, with a kind before a colon (`column:price`, `tag: gold`). */
export function parseSearch(text: string): ParsedSearch {
  const kinds = new Set<SearchKind>()
  const words = new Set<string>()
  for (const typed of text.split(/\s+/u)) {
    const colon = typed.indexOf(':')
    const kind = colon > 0 ? SEARCH_KINDS.find((known) => known === typed.slice(0, colon).toLowerCase()) : undefined
    if (kind) kinds.add(kind)
    const word = foldText(kind ? typed.slice(colon + 1) : typed)
    // Folding can put a space into a word: `½` is not one, but ideographic spaces are.
    for (const part of word.split(' ')) if (part !== '') words.add(part.slice(0, MAX_WORD_CHARS))
  }
  return { kinds: kinds.size === 0 ? null : [...kinds], words: [...words].slice(0, MAX_WORDS) }
}
