import { readableStatements } from '../statement/statements'
import { endOfBlockComment, isSymbol, tokenize, tokenKeyword, type Token } from '../statement/tokenize'

/** Spaces per level of subqueries. */
const INDENT = 2
/** Items of a SELECT list begin below the first one. */
const SELECT_INDENT = 'select '.length

const CLAUSES = new Set(
  'WITH SELECT FROM WHERE GROUP HAVING QUALIFY WINDOW ORDER LIMIT OFFSET UNION INTERSECT EXCEPT VALUES'.split(' '),
)
const JOINS = new Set('JOIN LEFT RIGHT FULL INNER CROSS NATURAL ANTI SEMI ASOF POSITIONAL'.split(' '))
/** Clauses whose AND and OR begin lines. */
const CONDITIONS = new Set(['WHERE', 'HAVING', 'QUALIFY', 'JOIN'])
const QUERY_STARTS = new Set(['SELECT', 'WITH', 'FROM', 'VALUES'])

/** A query with its clauses, or brackets without a query, which stay on their line. */
type Frame = { isQuery: boolean; indent: number; clause: string; isBetween: boolean }

type Comment = { text: string; isLine: boolean; startsLine: boolean }
/** The text between two tokens. */
type Gap = { text: string; comments: readonly Comment[]; hasNewline: boolean; endsLine: boolean }

/**
 * SQL with a line for each clause, join, condition and selected column. Only white space changes: words keep their case,
 * and comments and quoted text stay as they are. A text is returned unchanged if another layout would read differently.
 */
export function formatSql(sql: string): string {
  // Without statements there is no text to format, and a text that is too long to be read stays as it is.
  if ((readableStatements(sql) ?? []).length === 0) return sql
  const tokens = tokenize(sql)
  const formatted = printTokens(sql, tokens)
  return hasSameParts(sql, formatted) ? formatted : sql
}

/** The position in the formatted text that a position in the text before has: only white space changes. */
export function formattedPosition(sql: string, position: number, formatted: string): number {
  let left = sql.slice(0, position).replace(/\s/g, '').length
  let at = 0
  while (at < formatted.length && left > 0) {
    if (!/\s/.test(formatted[at] ?? '')) left--
    at++
  }
  return at
}

/** Whether two texts have the same tokens and comments in the same order. */
function hasSameParts(before: string, after: string): boolean {
  const parts = partsOf(before)
  const others = partsOf(after)
  return parts.length === others.length && parts.every((part, index) => part === others[index])
}

function partsOf(sql: string): string[] {
  const tokens = tokenize(sql)
  const parts: string[] = []
  let end = 0
  for (const token of tokens) {
    parts.push(...readGap(sql.slice(end, token.start)).comments.map(({ text }) => text), token.text)
    end = token.end
  }
  return [...parts, ...readGap(sql.slice(end)).comments.map(({ text }) => text)]
}

function printTokens(sql: string, tokens: readonly Token[]): string {
  const frames: Frame[] = [{ isQuery: true, indent: 0, clause: '', isBetween: false }]
  let out = ''
  let end = 0
  tokens.forEach((token, at) => {
    const before = tokens[at - 1]
    const gap = readGap(sql.slice(end, token.start))
    const frame = frames.at(-1) ?? newStatement()
    const separator = before === undefined ? '' : separatorOf(tokens, at, frame)
    if (isSymbol(before, ';')) frames.splice(0, frames.length, newStatement())
    out += printGap(gap, separator, before, token, frames.at(-1) ?? frame) + token.text
    end = token.end
    track(frames, tokens, at)
  })
  const last = readGap(sql.slice(end))
  for (const { text, startsLine } of last.comments) out += (startsLine ? '\n' : ' ') + text
  return out
}

function newStatement(): Frame {
  return { isQuery: true, indent: 0, clause: '', isBetween: false }
}

/** The separator before a token: none, a space, or a line break with its indent. */
function separatorOf(tokens: readonly Token[], at: number, frame: Frame): string {
  const token = tokens[at]
  const before = tokens[at - 1]
  if (isSymbol(before, ';')) return '\n\n'
  if (isSymbol(token, ';') || isSymbol(token, ',')) return ''
  if (isSymbol(token, ')')) return frame.isQuery && frame.indent > 0 ? lineBreak(frame.indent - INDENT) : ''
  if (isSymbol(before, '(')) return frame.isQuery && frame.indent > 0 ? lineBreak(frame.indent) : ''
  if (!frame.isQuery) return ' '
  if (isSymbol(before, ',')) {
    if (frame.clause === 'SELECT') return lineBreak(frame.indent + SELECT_INDENT)
    return frame.clause === 'WITH' ? lineBreak(frame.indent) : ' '
  }
  const keyword = keywordAt(tokens, at)
  if (keyword === null) return ' '
  if (isClauseStart(tokens, at) || isJoinStart(tokens, at, frame)) return lineBreak(frame.indent)
  if ((keyword === 'AND' && !frame.isBetween) || keyword === 'OR')
    return CONDITIONS.has(frame.clause) ? lineBreak(frame.indent + INDENT) : ' '
  return ' '
}

function printGap(gap: Gap, separator: string, before: Token | undefined, token: Token, frame: Frame): string {
  // Strings with a line break between them are one string.
  if (before?.kind === 'string' && token.kind === 'string')
    return gap.comments.length > 0 ? gap.text : gap.text === '' ? '' : gap.hasNewline ? lineBreak(frame.indent) : ' '
  if (gap.comments.length === 0) {
    if (before === undefined) return ''
    const isSafe = touchesBracket(before, token)
    if (gap.text === '') return isSafe && !isCallBracket(before, token) ? separator : ''
    return separator === '' && !isSafe ? ' ' : separator
  }
  const indent = separator.startsWith('\n')
    ? separator.slice(separator.lastIndexOf('\n'))
    : lineBreak(frame.indent + INDENT)
  let out = ''
  gap.comments.forEach((comment, index) => {
    const isFirst = index === 0 && before === undefined
    const followsLine = gap.comments[index - 1]?.isLine === true
    out += (isFirst ? '' : comment.startsLine || followsLine ? indent : ' ') + comment.text
  })
  const lastIsLine = gap.comments.at(-1)?.isLine === true
  const after = before === undefined ? '\n' : indent
  return out + (lastIsLine || gap.endsLine || separator.startsWith('\n') ? after : ' ')
}

/** Follows brackets and clauses from a token on. */
function track(frames: Frame[], tokens: readonly Token[], at: number): void {
  const token = tokens[at]
  const frame = frames.at(-1)
  if (token === undefined || frame === undefined) return
  if (token.kind === 'symbol' && '([{'.includes(token.text)) {
    const isQuery = token.text === '(' && frame.isQuery && QUERY_STARTS.has(tokenKeyword(tokens[at + 1]) ?? '')
    frames.push({ isQuery, indent: isQuery ? frame.indent + INDENT : frame.indent, clause: '', isBetween: false })
    return
  }
  if (token.kind === 'symbol' && ')]}'.includes(token.text)) {
    if (frames.length > 1) frames.pop()
    return
  }
  const keyword = keywordAt(tokens, at)
  if (keyword === 'BETWEEN') frame.isBetween = true
  else if (keyword === 'AND') frame.isBetween = false
  else if (keyword !== null && isClauseStart(tokens, at)) frame.clause = keyword
  else if (keyword === 'JOIN') frame.clause = 'JOIN'
}

/** Whether a token is the first word of a clause, and not a name or a part of another clause. */
function isClauseStart(tokens: readonly Token[], at: number): boolean {
  const keyword = keywordAt(tokens, at)
  if (keyword === null || !CLAUSES.has(keyword)) return false
  const before = tokenKeyword(tokens[at - 1])
  if (keyword === 'FROM') return before !== 'DISTINCT'
  if (keyword === 'GROUP') return before !== 'WITHIN'
  // `VALUES` after a bracket is a name or part of another clause.
  return keyword !== 'VALUES' || at === 0 || isSymbol(tokens[at - 1], '(')
}

/** Whether a token begins a join: `LEFT` of `LEFT JOIN`. */
function isJoinStart(tokens: readonly Token[], at: number, { clause }: Frame): boolean {
  if (clause !== 'FROM' && clause !== 'JOIN') return false
  if (!JOINS.has(keywordAt(tokens, at) ?? '') || JOINS.has(keywordAt(tokens, at - 1) ?? '')) return false
  if (keywordAt(tokens, at - 1) === 'OUTER') return false
  return [0, 1, 2, 3].some((offset) => keywordAt(tokens, at + offset) === 'JOIN')
}

/** A word as a keyword; null after `.` and AS, where any word is a name. */
function keywordAt(tokens: readonly Token[], at: number): string | null {
  if (isSymbol(tokens[at - 1], '.') || tokenKeyword(tokens[at - 1]) === 'AS') return null
  return tokenKeyword(tokens[at])
}

/** White space between these tokens can come and go: they cannot merge into one token. */
function touchesBracket(before: Token, token: Token): boolean {
  const symbols = [before, token].filter(({ kind }) => kind === 'symbol').map(({ text }) => text)
  return symbols.some((symbol) => symbol === '(' || symbol === ')' || symbol === ',' || symbol === ';')
}

/** `count(`, `x.(`: what stands directly before a bracket stays there, as does what follows it directly. */
function isCallBracket(before: Token, token: Token): boolean {
  const isOpening = isSymbol(token, '(') && !isSymbol(before, ',') && !isSymbol(before, ';')
  return (
    isOpening || (isSymbol(before, ')') && token.kind === 'symbol' && !isSymbol(token, ')') && !isSymbol(token, ','))
  )
}

function lineBreak(indent: number): string {
  return `\n${' '.repeat(Math.max(0, indent))}`
}

/** The comments and line breaks between two tokens. */
function readGap(text: string): Gap {
  const comments: Comment[] = []
  let at = 0
  let startsLine = false
  let hasNewline = false
  while (at < text.length) {
    const isLine = text.startsWith('--', at)
    if (isLine || text.startsWith('/*', at)) {
      const end = isLine ? endOfLine(text, at) : endOfBlockComment(text, at)
      comments.push({ text: text.slice(at, end), isLine, startsLine })
      at = end
      startsLine = false
    } else {
      if (text[at] === '\n' || text[at] === '\r') {
        startsLine = true
        hasNewline = true
      }
      at++
    }
  }
  return { text, comments, hasNewline, endsLine: startsLine }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}
