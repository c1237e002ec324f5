import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TimeInUtc } from '@/lib/query/engine'
import type { TableScan } from '@/lib/query/load/table-scan'
import { type Token, tokenString } from '@/lib/query/statement/tokenize'
import { readTimestamp } from '@/lib/scan/predicate/literal'
import type { Literal, Predicate } from '@/lib/scan/predicate/predicate'

/**
 * The times of a statement without an offset that conditions on instants compare with, each once. Only conditions that
 * DuckDB applies in the scan of a table are known, so there may be others.
 *
 * @param predicates of tables, by their name in `scans`, with field ids
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
    const written = text === null ? null : readTimestamp(text)
    if (text === null || written === null || written.hasOffset || !compared.has(written.nanos)) return []
    return [{ text, micros: written.nanos / 1000n }]
  })
}

/** In nanoseconds since 1970. */
function comparedInstants(predicate: Predicate, fields: readonly NestedField[]): bigint[] {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return []
    case 'not':
      return comparedInstants(predicate.part, fields)
    case 'and':
    case 'or':
      return predicate.parts.flatMap((part) => comparedInstants(part, fields))
    default: {
      const type = fields.find(({ id }) => id === predicate.column)?.type
      if (type !== 'timestamptz') return []
      const literals: readonly Literal[] =
        'values' in predicate ? predicate.values : 'value' in predicate ? [predicate.value] : []
      return literals.flatMap((literal) => readTimestamp(literal)?.nanos ?? [])
    }
  }
}
