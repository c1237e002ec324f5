/**
 * Patterns of paths: `*` is any text within a folder, `**` any text with slashes, `**` with a slash after it any folders
 * or none, and `?` one character. All other characters stand for themselves, in the case in which they are written.
 */

type Token =
  | { kind: 'character'; character: string }
  /** `?` */
  | { kind: 'any-character' }
  /** `*` */
  | { kind: 'name-part' }
  /** `**` */
  | { kind: 'path-part' }
  /** The beginning of folders, and the inside of one of them: together `**` and a slash. */
  | { kind: 'folders' }
  | { kind: 'in-folders' }

export type FilePattern = {
  /** The folder that all matching paths begin with, without a slash at its end; empty for the root. */
  folder: string
  matches: (path: string) => boolean
  /** Whether a path in this folder, or below it, could match. */
  mightMatchIn: (folder: string) => boolean
}

/** A text is a pattern if it has a wildcard. */
export function isFilePattern(text: string): boolean {
  return /[*?]/.test(text)
}

/** Matching takes time in proportion to the lengths of the path and the pattern, whatever the pattern. */
export function parseFilePattern(text: string): FilePattern {
  const tokens = toTokens(text)
  const fixed = /^[^*?]*/.exec(text)?.[0] ?? ''
  return {
    folder: fixed.slice(0, Math.max(0, fixed.lastIndexOf('/'))),
    matches: (path) => walk(tokens, path).has(tokens.length),
    mightMatchIn: (folder) => folder === '' || walk(tokens, `${folder}/`).size > 0,
  }
}

function toTokens(text: string): Token[] {
  const tokens: Token[] = []
  for (const [part] of text.matchAll(/\*{2,}\/|\*{2,}|[^]/gu)) {
    if (/^\*{2,}\/$/.test(part)) tokens.push({ kind: 'folders' }, { kind: 'in-folders' })
    else if (part.startsWith('**')) tokens.push({ kind: 'path-part' })
    else if (part === '*') tokens.push({ kind: 'name-part' })
    else if (part === '?') tokens.push({ kind: 'any-character' })
    else tokens.push({ kind: 'character', character: part })
  }
  return tokens
}

/** The positions in the pattern that a text can lead to. */
function walk(tokens: readonly Token[], text: string): Set<number> {
  let positions = new Set<number>()
  add(positions, 0, tokens)
  for (const character of text) {
    const next = new Set<number>()
    for (const position of positions)
      for (const following of follow(tokens[position], position, character)) add(next, following, tokens)
    positions = next
    if (positions.size === 0) break
  }
  return positions
}

/** Adds a position, and those that it reaches without a character. */
function add(positions: Set<number>, first: number, tokens: readonly Token[]): void {
  for (let position = first; !positions.has(position); ) {
    positions.add(position)
    const kind = tokens[position]?.kind
    if (kind === 'folders') {
      positions.add(position + 1)
      position += 2
    } else if (kind === 'name-part' || kind === 'path-part') position += 1
    else return
  }
}

function follow(token: Token | undefined, position: number, character: string): readonly number[] {
  switch (token?.kind) {
    case 'character':
      return token.character === character ? [position + 1] : []
    case 'any-character':
      return character === '/' ? [] : [position + 1]
    case 'name-part':
      return character === '/' ? [] : [position]
    case 'path-part':
      return [position]
    case 'in-folders':
      return character === '/' ? [position, position + 1] : [position]
    default:
      return []
  }
}
