/** Control characters that are drawn as white space; they cannot change how other text looks. */
const CONTROL = String.raw`[^\P{Cc}\t\n\r]`
/** Invisible characters, which at most affect the text around them. */
const IGNORABLE = String.raw`\p{DI}\p{Zl}\p{Zp}\ufff9-\ufffb`
const INVISIBLE = String.raw`${CONTROL}|[${IGNORABLE}]`
const MAY_BE_INVISIBLE = new RegExp(INVISIBLE, 'u')

/** Characters that variation selectors and joiners shape: letters of other scripts, and emoji. */
const SHAPED = String.raw`[^\0-\x9f${IGNORABLE}]`
/** A flag of a region, a keycap, and a shaped character with the characters written after it. */
const WRITTEN = [
  String.raw`\u{1f3f4}[\u{e0020}-\u{e007e}]{1,6}\u{e007f}`,
  String.raw`[0-9#*]\ufe0f\u20e3`,
  String.raw`${SHAPED}[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]?(?:[\u200c\u200d](?=${SHAPED}))?`,
].join('|')
const PIECES = new RegExp(`(?:${WRITTEN})|(?<invisible>${INVISIBLE})`, 'gu')

/** More marks in one text are not drawn apart, because thousands of elements would slow a page down. */
const MAX_MARKS = 20

/** Whether {@link visibleText} may differ from the text. One search, so that texts without such characters cost little. */
export function mayHaveInvisible(text: string): boolean {
  return MAY_BE_INVISIBLE.test(text)
}

/**
 * The text with a mark such as `[U+202E]` for each character that is not drawn itself, and could make a text look like
 * another one: marks of direction, control characters, characters without width. Characters that a script or an emoji
 * needs stay: a joiner between two letters or emoji, a variation selector after one. A copy and a file have the text
 * itself.
 *
 * Spec: Unicode Standard Annex 9 (Bidirectional Algorithm), Technical Standard 55 (source code handling).
 */
export function visibleText(text: string): string {
  return mayHaveInvisible(text) ? text.replace(PIECES, markOf) : text
}

/** The pieces of {@link visibleText}; its marks are quiet. */
export function visibleParts(text: string): { text: string; isQuiet: boolean }[] {
  if (!mayHaveInvisible(text)) return [{ text, isQuiet: false }]
  const parts: { text: string; isQuiet: boolean }[] = []
  let drawnChars = 0
  for (const match of text.matchAll(PIECES)) {
    const { invisible } = match.groups ?? {}
    if (invisible === undefined) continue
    if (parts.length >= 2 * MAX_MARKS) break
    if (match.index > drawnChars) parts.push({ text: text.slice(drawnChars, match.index), isQuiet: false })
    parts.push({ text: codePointMark(invisible), isQuiet: true })
    drawnChars = match.index + invisible.length
  }
  const rest = text.slice(drawnChars)
  return rest === '' ? parts : [...parts, { text: visibleText(rest), isQuiet: false }]
}

function markOf(piece: string, ...groups: unknown[]): string {
  return groups[0] === undefined ? piece : codePointMark(piece)
}

function codePointMark(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `[U+${code}]`
}
