import { AppError } from '@/lib/errors'
import {
  endOfString,
  MAX_JSON_CHARS,
  MAX_JSON_DEPTH,
  MAX_JSON_VALUES,
  parseExactJson,
  requireWithin,
} from './exact-json'
import type { Json } from './json'

/** Yields after each step. */
type Steps<Result> = Generator<void, Result, void>

/** As much text as is parsed in about a millisecond. */
const PIECE_CHARS = 64 * 1024

/** A list among the members of the document. It is cut at commas between items. */
type LongList = { key: string; cuts: readonly number[]; end: number }

/**
 * Parses as `parseExactJson` does, in small steps: the lists of a large object, such as the snapshots of a table, are
 * parsed some items at a time. Any other document is parsed at once.
 *
 * @throws {AppError} as `parseExactJson`
 */
export function* exactJsonSteps(text: string, pieceChars = PIECE_CHARS): Steps<Json> {
  if (text.length <= pieceChars || text.length > MAX_JSON_CHARS) return parseExactJson(text)
  const lists = yield* findLongLists(text, pieceChars)
  // A text that is not JSON is parsed again, which reports where it is damaged.
  return (yield* parsePieces(text, lists)) ?? parseExactJson(text)
}

/** None if two members have the same name. @throws {AppError} too-large */
function* findLongLists(text: string, pieceChars: number): Steps<LongList[]> {
  if (!/^\uFEFF?\s*\{/.test(text)) return []
  const lists: LongList[] = []
  const keys = new Set<string>()
  let [depth, values] = [0, 1]
  let [key, lastString] = ['', '']
  let cuts: number[] | null = null
  let [pieceStart, stepStart] = [0, 0]
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === '"') {
      const end = endOfString(text, index)
      if (depth === 1) lastString = text.slice(index, end + 1)
      index = end
    } else if (character === ':' && depth === 1) {
      key = lastString
      // Two spellings of one name are the same member.
      if (keys.has(key) || key.includes('\\')) return []
      keys.add(key)
    } else if (character === ',') {
      values += 1
      if (cuts && depth === 2 && index - pieceStart >= pieceChars) {
        cuts.push(index)
        pieceStart = index
      }
    } else if (character === '{' || character === '[') {
      depth += 1
      values += 1
      if (depth === 2) {
        cuts = character === '[' ? [] : null
        pieceStart = index
      }
    } else if (character === '}' || character === ']') {
      if (cuts && depth === 2) {
        if (cuts.length > 0) lists.push({ key: key.slice(1, -1), cuts, end: index })
        cuts = null
      }
      depth -= 1
    }
    if (depth > MAX_JSON_DEPTH || values > MAX_JSON_VALUES) requireWithin({ depth, values })
    if (index - stepStart < pieceChars) continue
    stepStart = index
    yield
  }
  return lists
}

/** Null if there is no long list, or if the text is not JSON. */
function* parsePieces(text: string, lists: readonly LongList[]): Steps<Json | null> {
  if (lists.length === 0) return null
  try {
    const root = parseExactJson(withFirstPieces(text, lists)) as Record<string, Json>
    for (const { key, cuts, end } of lists) {
      const items: unknown = root[key]
      for (const [i, cut] of cuts.entries()) {
        yield
        const piece = parseExactJson(`[${text.slice(cut + 1, cuts[i + 1] ?? end)}]`)
        // A comma that no item follows or precedes.
        if (!isFilledList(items) || !isFilledList(piece)) return null
        for (const item of piece) items.push(item)
      }
    }
    return root
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** The document with only the first items of its long lists. */
function withFirstPieces(text: string, lists: readonly LongList[]): string {
  let [document, from] = ['', 0]
  for (const { cuts, end } of lists) {
    document += text.slice(from, cuts[0])
    from = end
  }
  return document + text.slice(from)
}

function isFilledList(value: unknown): value is Json[] {
  return Array.isArray(value) && value.length > 0
}
