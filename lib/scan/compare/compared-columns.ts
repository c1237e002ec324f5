import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'

/**
 * The fields that both schemas have, by their ids, with the wider of two types: both sides are read with them, so that a
 * promoted value equals the one it was before. Columns that only one schema has are a difference of the schemas and not
 * of rows.
 */
export function findSharedFields(before: readonly NestedField[], after: readonly NestedField[]): NestedField[] {
  const byId = new Map(before.map((field) => [field.id, field]))
  return after.flatMap((field) => {
    const other = byId.get(field.id)
    const type = other ? sharedType(other.type, field.type) : null
    return other && type !== null ? [{ ...field, type, required: field.required && other.required }] : []
  })
}

/** @returns null if no value of one can equal one of the other */
function sharedType(before: Type, after: Type): Type | null {
  if (typeof before === 'string' || typeof after === 'string') {
    return typeof before === 'string' && typeof after === 'string' ? widerType(before, after) : null
  }
  if (before.type === 'struct' && after.type === 'struct') {
    const fields = findSharedFields(before.fields, after.fields)
    return fields.length === 0 ? null : { ...after, fields }
  }
  if (before.type === 'list' && after.type === 'list' && before.elementId === after.elementId) {
    const element = sharedType(before.element, after.element)
    return element && { ...after, element, elementRequired: before.elementRequired && after.elementRequired }
  }
  if (
    before.type === 'map' &&
    after.type === 'map' &&
    before.keyId === after.keyId &&
    before.valueId === after.valueId
  ) {
    const [key, value] = [sharedType(before.key, after.key), sharedType(before.value, after.value)]
    const valueRequired = before.valueRequired && after.valueRequired
    return key && value && { ...after, key, value, valueRequired }
  }
  return null
}

const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long'],
  float: ['double'],
  date: ['timestamp', 'timestamp_ns'],
}

/** Spec: Iceberg table spec, *Schema Evolution*: either may be the promotion of the other. */
function widerType(a: PrimitiveType, b: PrimitiveType): PrimitiveType | null {
  if (a === b) return a
  if (a === 'unknown') return b
  if (b === 'unknown') return a
  if (PROMOTIONS[a]?.includes(b)) return b
  if (PROMOTIONS[b]?.includes(a)) return a
  const [first, second] = [parsePrimitive(a), parsePrimitive(b)]
  if (first.kind !== 'decimal' || second.kind !== 'decimal' || first.scale !== second.scale) return null
  return first.precision < second.precision ? b : a
}

/** A column of the comparison: a field at the top or inside structs. Lists and maps are compared as a whole. */
export type ComparedColumn = {
  fieldId: number
  /** Names from the top. */
  path: readonly string[]
  type: Type
  /** The top-level column that contains it. */
  columnId: number
  /** Positions in the structs around it, from the top. */
  indexes: readonly number[]
}

/** Columns without structs: each struct is replaced by its fields. */
export function listComparedColumns(fields: readonly NestedField[]): ComparedColumn[] {
  return fields.flatMap((field) =>
    expand(field, { fieldId: field.id, path: [field.name], type: field.type, columnId: field.id, indexes: [] }),
  )
}

function expand({ type }: NestedField, column: ComparedColumn): ComparedColumn[] {
  if (typeof type === 'string' || type.type !== 'struct') return [column]
  return type.fields.flatMap((field, index) =>
    expand(field, {
      ...column,
      fieldId: field.id,
      path: [...column.path, field.name],
      type: field.type,
      indexes: [...column.indexes, index],
    }),
  )
}

/** The value of a column in the value of its top-level column; undefined if a struct around it is null. */
export function valueInStructs(value: RowValue | null, indexes: readonly number[]): RowValue | null | undefined {
  let inner = value
  for (const index of indexes) {
    if (!Array.isArray(inner)) return undefined
    inner = (inner as readonly (RowValue | null)[])[index] ?? null
  }
  return inner
}

/** A column of either schema. Columns that only one side has are shown, but not compared. */
export type ShownColumn = ComparedColumn & { key: string; side: 'both' | 'before' | 'after' }

/** The columns after, in their order, then the columns that only the schema before has. */
export function listShownColumns(before: readonly NestedField[], after: readonly NestedField[]): ShownColumn[] {
  const shared = new Map(findSharedFields(before, after).map((field) => [field.id, field]))
  const toShown = (side: ShownColumn['side'], field: NestedField): ShownColumn[] =>
    listComparedColumns([field]).map((column) => ({
      ...column,
      side,
      key: side === 'before' ? `before ${column.fieldId}` : String(column.fieldId),
    }))
  return [
    ...after.flatMap((field) => toShown(shared.has(field.id) ? 'both' : 'after', shared.get(field.id) ?? field)),
    ...before.filter(({ id }) => !shared.has(id)).flatMap((field) => toShown('before', field)),
  ]
}

/** The fields to read of one side: the shared fields and the fields that only this side has. */
export function listReadFields(own: readonly NestedField[], shared: readonly NestedField[]): NestedField[] {
  const sharedIds = new Set(shared.map(({ id }) => id))
  return [...shared, ...own.filter(({ id }) => !sharedIds.has(id))]
}
