import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'

/** Index of the first token of the value before an operator that binds as tightly as `::`. */
export function operandStart(tokens: readonly Token[], operator: number): number | null {
  let at = operator - 1
  for (;;) {
    const token = tokens[at]
    if (token === undefined) return null
    // The type `TIMESTAMP WITH TIME ZONE` of another cast.
    if (tokenKeyword(token) === 'ZONE' && tokenKeyword(tokens[at - 1]) === 'TIME') at -= 3
    if (isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) {
      at = opening(tokens, at)
      const before = tokens[at - 1]
      const isCall =
        before?.kind === 'quoted' || (before?.kind === 'word' && !NOT_CALLED.has(tokenKeyword(before) ?? ''))
      const isIndexed = isSymbol(tokens[at], '[') && (isSymbol(before, ')') || isSymbol(before, ']'))
      if (isIndexed) {
        at -= 1
        continue
      }
      if (isSymbol(token, '}') || !isCall) return at
      at -= 1
      // `sum(x) FILTER (…) OVER (…)` is one value.
      if (CALL_CLAUSES.has(tokenKeyword(tokens[at]) ?? '')) {
        at -= 1
        continue
      }
    } else if (tokenKeyword(token) === 'END') {
      let depth = 0
      for (; at >= 0; at--) {
        if (tokenKeyword(tokens[at]) === 'END') depth++
        if (tokenKeyword(tokens[at]) === 'CASE' && --depth === 0) return at
      }
      return null
    } else if (token.kind === 'symbol') return null
    // `DATE '…'`, `INTERVAL '…'`: the type belongs to the text.
    const isTyped = tokens[at]?.kind === 'string' && TYPED_TEXT.has(tokenKeyword(tokens[at - 1]) ?? '')
    if (isTyped) return at - 1
    if (isSymbol(tokens[at - 1], '.')) at -= 2
    else if (isSymbol(tokens[at - 1], '::')) at -= 2
    else return at
  }
}

const CALL_CLAUSES = new Set(['FILTER', 'OVER'])
const TYPED_TEXT = new Set('DATE TIMESTAMP TIMESTAMPTZ TIME INTERVAL ZONE'.split(' '))
const NOT_CALLED = new Set(
  'AND OR NOT IN SELECT WHERE ON WHEN THEN ELSE BY HAVING BETWEEN CASE AS FROM LIMIT RETURNING QUALIFY ANY ALL LIKE IS VALUES DISTINCT'.split(
    ' ',
  ),
)

/** Index of the bracket that closes the one at `at`; the last token if none does. */
export function closing(tokens: readonly Token[], at: number): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i]
    if (token?.kind !== 'symbol') continue
    if ('([{'.includes(token.text)) depth++
    if (')]}'.includes(token.text) && --depth === 0) return i
  }
  return tokens.length - 1
}

/** @param initialDepth 1 when `at` is within the brackets */
export function opening(tokens: readonly Token[], at: number, initialDepth = 0): number {
  let depth = initialDepth
  for (let i = at; i >= 0; i--) {
    const token = tokens[i]
    if (token?.kind !== 'symbol') continue
    if (')]}'.includes(token.text)) depth++
    if ('([{'.includes(token.text) && --depth === 0) return i
  }
  return 0
}

/** Index of the AS of a cast. */
export function lastAs(tokens: readonly Token[], open: number, close: number): number | null {
  for (let i = close - 1; i > open; i--) {
    const token = tokens[i]
    if (isSymbol(token, ')') || isSymbol(token, ']')) i = opening(tokens, i)
    else if (tokenKeyword(token) === 'AS') return i
  }
  return null
}

/** The arguments in the parentheses at `open`, as ranges of tokens; without what follows `ORDER BY`. */
export function readArguments(tokens: readonly Token[], open: number): { from: number; to: number }[] {
  const close = closing(tokens, open)
  const result: { from: number; to: number }[] = []
  let from = open + 1
  let isOrder = false
  for (let i = open + 1; i <= close; i++) {
    const token = tokens[i]
    if (token?.kind === 'symbol' && '([{'.includes(token.text) && i < close) i = closing(tokens, i)
    else if (i === close || isSymbol(token, ',') || tokenKeyword(token) === 'ORDER') {
      if (i > from && !isOrder) result.push({ from, to: i })
      if (tokenKeyword(token) === 'ORDER') isOrder = true
      from = i + 1
    }
  }
  return result
}

/** The value by which a window is ordered whose frame adds to it, as a range of tokens; null for another RANGE. */
export function readFrameOrder(tokens: readonly Token[], range: number): { from: number; to: number } | null {
  const end = opening(tokens, range, 1)
  const isOffset = tokens.slice(range, closing(tokens, end) + 1).some((token, i) => {
    const isBound = ['PRECEDING', 'FOLLOWING'].includes(tokenKeyword(token) ?? '')
    return isBound && tokenKeyword(tokens[range + i - 1]) !== 'UNBOUNDED'
  })
  if (!isSymbol(tokens[end], '(') || !isOffset) return null
  let to = range
  for (let i = range - 1; i > end; i--) {
    const token = tokens[i]
    if (isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) i = opening(tokens, i)
    else if (['ASC', 'DESC', 'NULLS'].includes(tokenKeyword(token) ?? '')) to = i
    else if (tokenKeyword(token) === 'BY' && tokenKeyword(tokens[i - 1]) === 'ORDER')
      return to > i + 1 ? { from: i + 1, to } : null
  }
  return null
}
