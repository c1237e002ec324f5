import { AppError } from '@/lib/errors'
import {
  canTransform,
  formatTransformedValue,
  parseTransform,
  type Transform,
  transformLabel,
  transformResultType,
} from '../iceberg/partitioning/transform'
import { indexFields } from '../iceberg/schema/schema'
import type { PrimitiveType, Schema, Value } from '../iceberg/schema/types'

/** A partition field that a table might have, with its source column. */
export type LayoutField = {
  sourceId: number
  /** The column's names from the top. */
  path: readonly string[]
  sourceType: PrimitiveType
  /** Whether no row can have a null: the column and all structs around it are required. */
  isRequired: boolean
  transform: Transform
  resultType: PrimitiveType
}

/** @throws {AppError} invalid-request when a column is not in the schema, or does not permit its transform */
export function layoutFields(
  requested: readonly { sourceId: number; transform: string }[],
  schema: Schema,
): LayoutField[] {
  const fields = indexFields(schema)
  return requested.map(({ sourceId, transform: text }) => {
    const source = fields.get(sourceId)
    if (!source) throw new AppError('invalid-request', `There is no column ${sourceId}.`, { facts: { sourceId } })
    const column = source.path.join('.')
    const transform = parseTransform(text)
    const sourceType = source.field.type
    if (typeof sourceType !== 'string' || source.isRepeated || !canTransform(transform, sourceType)) {
      throw new AppError('invalid-request', `${text} cannot be applied to the column ${column}.`, {
        facts: { column, transform: text },
      })
    }
    let isRequired = true
    for (let at: typeof source | undefined = source; at; at = fields.get(at.parentId ?? Number.NaN))
      isRequired &&= at.field.required
    return {
      sourceId,
      path: source.path,
      sourceType,
      isRequired,
      transform,
      resultType: transformResultType(transform, sourceType),
    }
  })
}

/** `month(date), bucket[4](id)`; empty for no fields. */
export function layoutLabel(fields: readonly LayoutField[]): string {
  return fields.map(({ transform, path }) => transformLabel(transform, path.join('.'))).join(', ')
}

/** The values of a partition for people: `2001-06, 3`. */
export function layoutValuesLabel(fields: readonly LayoutField[], values: readonly (Value | null)[]): string {
  return fields
    .map(({ transform, sourceType }, i) => formatTransformedValue(transform, sourceType, values[i] ?? null))
    .join(', ')
}
