import 'server-only'
import { MAX_WHERE_CHARS } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { Json } from '@/lib/iceberg/json/json'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import { bindPredicate, unbindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { BoundPredicate, Predicate } from '@/lib/scan/predicate/predicate'
import { EXPECTED_JSON } from '@/lib/scan/predicate/expression-part'
import { parsePredicateJson, predicateToJson } from '@/lib/scan/predicate/predicate-json'

/** An expression takes one level of JSON for each of its levels, and its list of values another one. */
const MAX_JSON_DEPTH = 256

/**
 * A filter of a scan, from an `Expression` of Iceberg's REST catalog. A snapshot may be read with a newer schema than its
 * own, so a filter that does not fit the plan's schema may fit the table's current one.
 *
 * @throws {AppError} invalid-request, naming the part or the column that is wrong
 */
export function bindWhere(
  where: string,
  { metadata, schema }: { metadata: Pick<TableMetadata, 'schemas' | 'currentSchemaId'>; schema: Schema },
): BoundPredicate {
  const predicate = parsePredicateJson(parseWhere(where))
  try {
    return bindPredicate(predicate, schema)
  } catch (error) {
    const current = currentSchema(metadata)
    if (current.schemaId === schema.schemaId) throw error
    return bindToNewer(predicate, current, error)
  }
}

/** A filter as JSON that stays the same when columns are renamed. */
export function whereText(predicate: BoundPredicate): string {
  return stringifyExactJson(predicateToJson(unbindPredicate(predicate, ({ fieldId }) => fieldId)))
}

function bindToNewer(predicate: Predicate, schema: Schema, originalError: unknown): BoundPredicate {
  try {
    return bindPredicate(predicate, schema)
  } catch {
    // The client knows only the plan's schema.
    throw originalError
  }
}

/** @throws {AppError} invalid-request for a text that is not JSON, or too long or too deep */
export function parseWhere(where: string): Json {
  try {
    return parseExactJson(where, { maxChars: MAX_WHERE_CHARS, maxDepth: MAX_JSON_DEPTH })
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError('invalid-request', `The filter cannot be read: ${cause.message}. ${EXPECTED_JSON}`, { cause })
  }
}
