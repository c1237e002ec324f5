import 'server-only'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { unbindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'
import { bindWhere, whereText } from '@/server/table/scan/scan-filter'

/** A filter of rows to remove, on the columns of the current schema. */
export type DeleteFilter = {
  predicate: BoundPredicate
  /** As JSON with the ids of its columns: the same filter after a column is renamed. */
  where: string
  /** As people write it, with the current names. */
  text: string
}

/** The filter as JSON, with names that no table has been compared with. @throws {AppError} invalid-request for its text */
export function requireFilterText(where: string): string {
  // An expression as JSON is an object; no filter as text begins with a brace.
  return where.trimStart().startsWith('{') ? where : stringifyExactJson(predicateToJson(parsePredicateText(where)))
}

/**
 * @param where text as in the Data tab, or JSON of an `Expression`
 * @throws {AppError} invalid-request, naming its problem; too-large
 */
export function readDeleteFilter(
  where: string,
  metadata: Pick<TableMetadata, 'schemas' | 'currentSchemaId'>,
): DeleteFilter {
  const predicate = bindWhere(requireFilterText(where), { metadata, schema: currentSchema(metadata) })
  return { predicate, where: whereText(predicate), text: predicateToText(unbindPredicate(predicate)) }
}
