import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { bindPredicate, unbindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'
import { followColumns, hasUnknownColumn } from './followed-columns'

/** A longer filter does not fit into a link. */
const MAX_TEXT_CHARS = 4_000

/** A filter of the Data tab: conditions that all have to hold. */
export type RowFilter = {
  /** As the user wrote them; most test one column. */
  conditions: readonly FilterCondition[]
  /** For the server and the worker, with field ids; null if none of the conditions is applied. */
  where: string | null
}

export type FilterCondition = {
  predicate: Predicate
  /** Columns of the table that the shown schema does not have. With one, the condition is not applied. */
  missing?: readonly string[]
}

/**
 * Reads the filter of an address.
 *
 * @param otherSchemas the table's schemas, the current one first, to find columns that have another name in `fields`
 * @throws {AppError} invalid-request, naming its problem; too-large
 */
export function readRowFilter(
  text: string,
  fields: readonly NestedField[],
  otherSchemas: readonly (readonly NestedField[])[] = [],
): RowFilter {
  const parsed = parseFilter(text)
  const parts = parsed.kind === 'and' ? parsed.parts : [parsed]
  const conditions = parts.map((part): FilterCondition => {
    const { predicate, missing } = followColumns(part, fields, otherSchemas)
    return missing.length === 0 ? { predicate } : { predicate, missing }
  })
  const applied = conditions.flatMap(({ predicate, missing }) => (missing === undefined ? predicate : []))
  const [only] = applied
  if (only === undefined) return { conditions, where: null }
  const bound = bindPredicate(applied.length === 1 ? only : { kind: 'and', parts: applied }, { fields })
  return {
    conditions,
    where: stringifyExactJson(predicateToJson(unbindPredicate(bound, ({ fieldId }) => fieldId))),
  }
}

/** Whether other schemas of the table are needed to read a filter, because `fields` do not have one of its columns. */
export function needsOtherSchemas(text: string, fields: readonly NestedField[]): boolean {
  try {
    return hasUnknownColumn(parseFilter(text), fields)
  } catch {
    return false // reported when it is read
  }
}

function parseFilter(text: string): Predicate {
  if (text.length > MAX_TEXT_CHARS) throw longTextError(text.length)
  return parsePredicateText(text)
}

/**
 * The conditions as text for the address; null without one.
 *
 * @throws {AppError} too-large
 */
export function rowFilterText(predicates: readonly Predicate[]): string | null {
  if (predicates.length === 0) return null
  const [only] = predicates
  const isOne = predicates.length === 1 && only !== undefined
  const text = predicateToText(isOne ? only : { kind: 'and', parts: predicates })
  if (text.length > MAX_TEXT_CHARS) throw longTextError(text.length)
  return text
}

function longTextError(length: number): AppError {
  return new AppError(
    'too-large',
    `The filter has ${length} characters as text, but a link has room for ${MAX_TEXT_CHARS}. Use fewer or shorter values.`,
  )
}
