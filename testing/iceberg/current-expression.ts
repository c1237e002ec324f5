import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'

/** How literals are written: as values, as objects, or as objects with the type of their column. */
export const LITERAL_FORMS = ['bare', 'untyped', 'typed'] as const
export type LiteralForm = (typeof LITERAL_FORMS)[number]

/**
 * An expression of the deprecated form (`term`, `value`) in the current one (`child`, `left`, `right`).
 *
 * @param typeOf the types of columns, for typed literals
 * @param isMirrored writes the literal of a comparison on the left
 */
export function toCurrentExpression(
  expression: Json,
  form: LiteralForm,
  typeOf: Readonly<Record<string, PrimitiveType>>,
  isMirrored = false,
): Json {
  if (!isJsonObject(expression)) return expression
  const { type, term, value, values, left, right, child } = expression
  const convert = (part: Json | undefined) => toCurrentExpression(part ?? null, form, typeOf, isMirrored)
  if (type === 'true' || type === 'false') return type === 'true'
  if (type === 'not') return { type, child: convert(child) }
  if (type === 'and' || type === 'or') return { type, left: convert(left), right: convert(right) }
  if (typeof type !== 'string' || typeof term !== 'string') throw new Error('Not an expression of the deprecated form')
  const reference = { type: 'reference', name: term }
  const dataType: JsonObject = form === 'typed' ? { 'data-type': typeOf[term] ?? 'unknown' } : {}
  const toLiteral = (item: Json): Json => (form === 'bare' ? item : { type: 'literal', value: item, ...dataType })
  if (Array.isArray(values)) {
    const list = form === 'typed' ? { type: 'literals', values, ...dataType } : (values as Json[]).map(toLiteral)
    return { type, child: reference, values: list }
  }
  if (value === undefined) return { type, child: reference }
  const mirrored = isMirrored ? MIRRORED[type] : undefined
  if (mirrored === undefined) return { type, left: reference, right: toLiteral(value) }
  return { type: mirrored, left: toLiteral(value), right: reference }
}

const MIRRORED: Readonly<Record<string, string>> = {
  eq: 'eq',
  'not-eq': 'not-eq',
  lt: 'gt',
  'lt-eq': 'gt-eq',
  gt: 'lt',
  'gt-eq': 'lt-eq',
}
