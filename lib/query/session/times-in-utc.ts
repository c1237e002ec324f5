import type { TimeInUtc } from '@/lib/query/engine'
import type { TableScan } from '@/lib/query/load/table-scan'
import { type Token, tokenString } from '@/lib/query/statement/tokenize'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { locateLiteral, readTimestamp } from '@/lib/scan/predicate/literal'
import { conditionsOf, type Predicate } from '@/lib/scan/predicate/predicate'

/**
 * The times of a statement without an offset that conditions on instants compare with, each once. Only conditions that
 * DuckDB applies in the scan of a table are known, so there may be others.
 *
 * @param predicates of tables, by their name in `scans`
 */
export function findTimesInUtc(
  tokens: readonly Token[],
  predicates: ReadonlyMap<string, Predicate>,
  scans: ReadonlyMap<string, TableScan>,
): TimeInUtc[] {
  const compared = new Set(
    [...predicates].flatMap(([name, predicate]) => comparedInstants(predicate, scans.get(name)?.fields ?? [])),
  )
  if (compared.size === 0) return []
  const texts = new Set(tokens.map((token) => tokenString(token)))
  return [...texts].flatMap((text) => {
    if (text === null || readTimestamp(text)?.hasOffset !== false) return []
    const located = locateLiteral('timestamptz', text)
    const micros = located.kind === 'value' ? located.value : null
    return typeof micros === 'bigint' && compared.has(micros) ? [{ text, micros }] : []
  })
}

function comparedInstants(predicate: Predicate, fields: TableScan['fields']): bigint[] {
  return conditionsOf(bindPredicate(predicate, { fields })).flatMap((condition) => {
    if (condition.column.type !== 'timestamptz') return []
    const values = 'values' in condition ? condition.values : 'value' in condition ? [condition.value] : []
    return values.filter((value) => typeof value === 'bigint')
  })
}
