import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import { ownTypeLabel } from '../tree-rows'

/** A column in one or both of two schemas, found by its id. */
export type ColumnDifference = {
  fieldId: number
  depth: number
  before: NestedField | null
  after: NestedField | null
  /** The differences in words; empty without any. */
  changes: readonly string[]
}

/** The columns of two schemas, with removed columns at their former positions. */
export function schemaDifferences(before: Schema, after: Schema): ColumnDifference[] {
  const [old, now] = [indexFields(before), indexFields(after)]
  const rows = [...now.values()].map(({ field, path }): ColumnDifference => {
    const former = old.get(field.id)?.field ?? null
    return {
      fieldId: field.id,
      depth: path.length - 1,
      before: former,
      after: field,
      changes: columnChanges(former, field, [before, after]),
    }
  })
  const order = [...old.keys()]
  for (const [i, fieldId] of order.entries()) {
    const dropped = old.get(fieldId)
    if (!dropped || now.has(fieldId)) continue
    const index = rows.findIndex((row) => row.fieldId === order[i - 1]) + 1
    rows.splice(index, 0, {
      fieldId,
      depth: dropped.path.length - 1,
      before: dropped.field,
      after: null,
      changes: ['dropped'],
    })
  }
  return rows
}

function columnChanges(
  before: NestedField | null,
  after: NestedField,
  [oldSchema, newSchema]: readonly [Schema, Schema],
): string[] {
  if (before === null) return ['added']
  const [was, is] = [oldSchema, newSchema].map(({ identifierFieldIds }) => identifierFieldIds.includes(after.id))
  return [
    before.name !== after.name && 'renamed',
    ownTypeLabel(before.type) !== ownTypeLabel(after.type) && 'type',
    before.required !== after.required && (after.required ? 'required' : 'optional'),
    before.doc !== after.doc && 'doc',
    was !== is && (is ? 'identifier field' : 'no identifier field'),
  ].filter((change) => change !== false)
}
