import type { Type } from '@/lib/iceberg/schema/types'
import type { ParameterType } from './parameter-types'
import { parameterName } from './parameters'
import { isSymbol, type Token, tokenKeyword, tokenName } from './statement/tokenize'

const COMPARISONS = ['=', '==', '<>', '!=', '<', '>', '<=', '>=']

/**
 * The columns that parameters are compared with, as the statement names them, by the parameter's name in lower case. A
 * parameter that is compared with several columns has the first.
 */
export function findComparedColumns(tokens: readonly Token[]): Map<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>()
  for (const [i, token] of tokens.entries()) {
    const name = parameterName(token)?.toLowerCase()
    if (name === undefined || columns.has(name)) continue
    const column = comparedBefore(tokens, i) ?? comparedAfter(tokens, i)
    if (column !== null) columns.set(name, column)
  }
  return columns
}

/** `column = $p`, `column BETWEEN $p AND $q`, `column IN ($p, $q)`. */
function comparedBefore(tokens: readonly Token[], at: number): readonly string[] | null {
  const before = tokens[at - 1]
  if (COMPARISONS.some((symbol) => isSymbol(before, symbol))) return nameBefore(tokens, at - 2)
  if (tokenKeyword(before) === 'BETWEEN') return nameBeforeNot(tokens, at - 2)
  if (tokenKeyword(before) === 'AND' && tokenKeyword(tokens[at - 3]) === 'BETWEEN') return nameBeforeNot(tokens, at - 4)
  let open = at - 1
  while (isSymbol(tokens[open], ',')) open -= 2
  return isSymbol(tokens[open], '(') && tokenKeyword(tokens[open - 1]) === 'IN' ? nameBeforeNot(tokens, open - 2) : null
}

/** `$p = column`; no column that a function or a calculation takes. */
function comparedAfter(tokens: readonly Token[], at: number): readonly string[] | null {
  if (!COMPARISONS.some((symbol) => isSymbol(tokens[at + 1], symbol))) return null
  let last = at + 2
  while (isSymbol(tokens[last + 1], '.')) last += 2
  return isSymbol(tokens[last + 1], '(') ? null : nameBefore(tokens, last)
}

function nameBeforeNot(tokens: readonly Token[], last: number): readonly string[] | null {
  return nameBefore(tokens, tokenKeyword(tokens[last]) === 'NOT' ? last - 1 : last)
}

/** The name whose last part is at `last`: `a.b.c`. */
function nameBefore(tokens: readonly Token[], last: number): readonly string[] | null {
  const parts: string[] = []
  for (let at = last; ; at -= 2) {
    const part = tokenName(tokens[at])
    if (part === null) return null
    parts.unshift(part)
    if (!isSymbol(tokens[at - 1], '.')) return parts
  }
}

/** The type of parameters that are compared with values of a type. */
export function toParameterType(type: Type): ParameterType {
  if (typeof type !== 'string') return 'text'
  if (/^(int|long|float|double|decimal)/.test(type)) return 'number'
  const same = (['date', 'timestamp', 'timestamptz', 'boolean'] as const).find((each) => each === type)
  return same ?? (type === 'timestamp_ns' ? 'timestamp' : 'text')
}
