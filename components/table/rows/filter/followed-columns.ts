import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ColumnReference, Predicate } from '@/lib/scan/predicate/predicate'
import { filterColumns } from './filter-columns'

type Fields = readonly NestedField[]

/** Whether a predicate refers to a column that these fields do not have. */
export function hasUnknownColumn(predicate: Predicate, fields: Fields): boolean {
  return referencesOf(predicate).some((reference) => fieldIdOf(reference, fields) === null)
}

/**
 * Follows the columns of a predicate by their field ids: a filter written under one name of a column also tests it in a
 * schema in which the column has another name.
 *
 * @param otherSchemas the other schemas of the table; the first that has a name decides which column it is
 * @returns the predicate with the names of `fields`, and the names of its columns that `fields` do not have
 */
export function followColumns(
  predicate: Predicate,
  fields: Fields,
  otherSchemas: readonly Fields[],
): { predicate: Predicate; missing: string[] } {
  const columns = filterColumns(fields)
  const followed = new Map<ColumnReference, ColumnReference>()
  const missing: string[] = []
  for (const reference of new Set(referencesOf(predicate))) {
    if (fieldIdOf(reference, fields) !== null) continue
    const schema = otherSchemas.find((other) => fieldIdOf(reference, other) !== null)
    const fieldId = schema === undefined ? null : fieldIdOf(reference, schema)
    // No schema has it: the binding of the predicate reports it.
    if (schema === undefined || fieldId === null) continue
    const column = columns.find((candidate) => candidate.fieldId === fieldId)
    if (column) followed.set(reference, column.reference)
    else missing.push(indexFields({ fields: schema }).get(fieldId)?.path.join('.') ?? String(reference))
  }
  return { predicate: replaceReferences(predicate, followed), missing }
}

function fieldIdOf(reference: ColumnReference, fields: Fields): number | null {
  const index = indexFields({ fields })
  if (typeof reference === 'number') return index.has(reference) ? reference : null
  return [...index.values()].find(({ path }) => path.join('.') === reference)?.field.id ?? null
}

function referencesOf(predicate: Predicate): ColumnReference[] {
  if ('column' in predicate) return [predicate.column]
  if ('parts' in predicate) return predicate.parts.flatMap(referencesOf)
  return 'part' in predicate ? referencesOf(predicate.part) : []
}

function replaceReferences(predicate: Predicate, by: ReadonlyMap<ColumnReference, ColumnReference>): Predicate {
  if ('column' in predicate) return { ...predicate, column: by.get(predicate.column) ?? predicate.column }
  if ('parts' in predicate) return { ...predicate, parts: predicate.parts.map((part) => replaceReferences(part, by)) }
  return 'part' in predicate ? { ...predicate, part: replaceReferences(predicate.part, by) } : predicate
}
