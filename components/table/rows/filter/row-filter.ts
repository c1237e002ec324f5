import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { bindPredicate, unbindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { ColumnReference, Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'

/** A longer filter does not fit into a link. */
const MAX_TEXT_CHARS = 4_000

/** A filter of the Data tab: conditions that all have to hold. */
export type RowFilter = {
  /** As the user wrote them; most test one column. */
  conditions: readonly FilterCondition[]
  /** For the server and the worker, with field ids. */
  where: string
}

export type FilterCondition = { predicate: Predicate }

/**
 * Reads the filter of an address.
 *
 * @throws {AppError} invalid-request, naming its problem; too-large
 */
export function readRowFilter(text: string, fields: readonly NestedField[]): RowFilter {
  if (text.length > MAX_TEXT_CHARS) throw longTextError(text.length)
  const parsed = parsePredicateText(text)
  const parts = parsed.kind === 'and' ? parsed.parts : [parsed]
  const bound = bindPredicate(parsed, { fields })
  return {
    conditions: parts.map((predicate) => ({ predicate })),
    where: stringifyExactJson(predicateToJson(unbindPredicate(bound, ({ fieldId }) => fieldId))),
  }
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

/** A column that a filter can test. */
export type FilterColumn = { fieldId: number; reference: ColumnReference; name: string; type: Type }

/** All columns at the top and inside structs. A column whose name does not identify it is referred to by its id. */
export function filterColumns(fields: readonly NestedField[]): FilterColumn[] {
  const indexed = [...indexFields({ fields }).values()]
  const nameCounts = new Map<string, number>()
  for (const { path } of indexed) nameCounts.set(path.join('.'), (nameCounts.get(path.join('.')) ?? 0) + 1)
  return indexed
    .filter(({ isRepeated }) => !isRepeated)
    .map(({ field, path }) => {
      const name = path.join('.')
      const reference = nameCounts.get(name) === 1 && name !== '' ? name : field.id
      return { fieldId: field.id, reference, name, type: field.type }
    })
}

function longTextError(length: number): AppError {
  return new AppError(
    'too-large',
    `The filter has ${length} characters as text, but a link has room for ${MAX_TEXT_CHARS}. Use fewer or shorter values.`,
  )
}
