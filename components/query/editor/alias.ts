import { type NameAtCursor, nameAtCursor } from '@/lib/query/completion'
import { isOfferedWord } from './sql-dialects'

/** Whether a new name may be written: that of a column or a table, which no known name replaces when Enter ends the line. */
export function isAlias({ precedingWord, isAfterValue }: NameAtCursor): boolean {
  if (precedingWord === null) return isAfterValue
  return precedingWord.toLowerCase() === 'as' || !isOfferedWord(precedingWord)
}

/** The keywords that can come after a name or a value, outside of `case`. */
const FOLLOWING_KEYWORDS = new Set(
  (
    'select from where group having order limit offset union intersect except join left right full inner cross natural ' +
    'semi anti asof positional on using qualify pivot unpivot tablesample window for at as and or not in between like ' +
    'ilike similar is asc desc nulls over filter within collate escape exclude replace preceding following'
  ).split(' '),
)
const CASE_KEYWORDS = new Set(['when', 'then', 'else', 'end'])
/** A shorter word is a whole alias more often than the beginning of a keyword. */
const MIN_KEYWORD_CHARS = 2

/**
 * Whether Enter takes a keyword that begins with the word before the cursor. It does not if the word may as well be an
 * alias: a single letter, the beginning of the name that it renames, or of a keyword that cannot come there.
 */
export function isKeywordLikely(keyword: string, text: string, cursor: number): boolean {
  const name = nameAtCursor(text, cursor, { nowMs: Date.now() })
  if (name === null || !isAlias(name)) return true
  const before = text.slice(0, name.from)
  const written = text.slice(name.from, cursor).toLowerCase()
  const renamed = name.precedingWord?.toLowerCase() ?? ''
  if (renamed === 'as') return /\b(try_)?cast\s*\([^()]*$/i.test(before)
  if (written.length < MIN_KEYWORD_CHARS || renamed.startsWith(written)) return false
  return CASE_KEYWORDS.has(keyword) ? isInCase(before) : FOLLOWING_KEYWORDS.has(keyword)
}

/** Whether a `case` of the statement has no end yet. */
function isInCase(before: string): boolean {
  const words = (before.split(';').at(-1) ?? '').toLowerCase().split(/\W+/)
  return words.filter((word) => word === 'case').length > words.filter((word) => word === 'end').length
}
