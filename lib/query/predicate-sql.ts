import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { BoundColumn, BoundCondition, BoundPredicate } from '@/lib/scan/predicate/predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import { quoteString } from '@/lib/sql/quote-identifier'
import { sqlName } from './tables/table-name'

const OPERATORS = { eq: '=', 'not-eq': '<>', lt: '<', 'lt-eq': '<=', gt: '>', 'gt-eq': '>=' } as const

/**
 * A filter of rows as a condition in SQL that holds for the same rows.
 *
 * @param filter.where as JSON, see `predicate-json`
 * @throws {AppError} invalid-request when it does not fit the fields
 */
export function filterToSql({ where, fields }: { where: string; fields: readonly NestedField[] }): string {
  return predicateToSql(bindPredicate(parsePredicateJson(parseExactJson(where)), { fields }))
}

/** Like {@link filterToSql}, for a predicate that is bound to the columns already. */
export function predicateToSql(predicate: BoundPredicate): string {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate.kind
    case 'and':
    case 'or': {
      if (predicate.parts.length === 0) return predicate.kind === 'and' ? 'true' : 'false'
      const parts = predicate.parts.map((part) => {
        const text = predicateToSql(part)
        return part.kind === 'and' || part.kind === 'or' ? `(${text})` : text
      })
      return parts.join(` ${predicate.kind} `)
    }
    default:
      return conditionToSql(predicate)
  }
}

function conditionToSql(condition: BoundCondition): string {
  const { type } = condition.column
  const column = sqlName(pathOf(condition.column))
  switch (condition.kind) {
    case 'is-null':
      return `${column} is null`
    case 'not-null':
      return `${column} is not null`
    case 'is-nan':
      return `isnan(${column})`
    case 'not-nan':
      return `not isnan(${column})`
    case 'in':
    case 'not-in': {
      const values = condition.values.map((value) => literalToSql(type, value))
      // SQL has no empty lists. A null is in no list, and not outside of one.
      if (values.length === 0) return condition.kind === 'in' ? 'false' : `${column} is not null`
      return `${column} ${condition.kind === 'in' ? 'in' : 'not in'} (${values.join(', ')})`
    }
    case 'starts-with':
      return `starts_with(${column}, ${literalToSql(type, condition.value)})`
    case 'not-starts-with':
      return `not starts_with(${column}, ${literalToSql(type, condition.value)})`
    case 'contains':
      return `contains(${column}, ${literalToSql(type, condition.value)})`
    case 'not-contains':
      return `not contains(${column}, ${literalToSql(type, condition.value)})`
    case 'ends-with':
      return `ends_with(${column}, ${literalToSql(type, condition.value)})`
    case 'not-ends-with':
      return `not ends_with(${column}, ${literalToSql(type, condition.value)})`
    default: {
      const comparison = `${column} ${OPERATORS[condition.kind]} ${literalToSql(type, condition.value)}`
      // In SQL NaN is greater than every number, in a filter it is not.
      const mightPassNan = condition.kind === 'gt' || condition.kind === 'gt-eq'
      return mightPassNan && (type === 'float' || type === 'double')
        ? `(${comparison} and not isnan(${column}))`
        : comparison
    }
  }
}

/** A name may have dots itself. */
function pathOf({ field, depth }: BoundColumn): string[] {
  const path = [field.name]
  let { type } = field
  while (path.length <= depth) {
    const [only] = typeof type !== 'string' && type.type === 'struct' ? type.fields : []
    if (only === undefined) throw new Error('a bound column is inside structs')
    path.push(only.name)
    type = only.type
  }
  return path
}

function literalToSql(type: Type, value: Value): string {
  if (typeof type !== 'string') throw new Error('only primitive columns are compared')
  if (value instanceof Uint8Array) return `unhex(${quoteString(toHex(value))})`
  if (typeof value === 'boolean') return String(value)
  const text = formatValue(type, value)
  switch (parsePrimitive(type).kind) {
    case 'int':
    case 'long':
    case 'decimal':
      return text
    case 'float':
      // A literal of SQL would be compared as a double.
      return `${text}::float`
    case 'double':
      return `${text}::double`
    case 'date':
      return `date ${quoteString(text)}`
    case 'time':
      return `time ${quoteString(text)}`
    case 'timestamp':
      return `timestamp ${quoteString(text)}`
    case 'timestamp_ns':
      return `${quoteString(text)}::timestamp_ns`
    case 'timestamptz':
      return `timestamptz ${quoteString(text)}`
    case 'uuid':
      return `uuid ${quoteString(text)}`
    default:
      return quoteString(text)
  }
}
