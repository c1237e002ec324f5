import { childFields } from '@/lib/iceberg/schema/child-fields'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ShownSchema } from './schema-rows'

/** A line of the tree of columns. */
export type TreeRow = {
  fieldId: number
  /** The field after the changes; a dropped column as it is now. */
  field: NestedField
  depth: number
  parentId: number | null
  /** The current field; null if it is new. */
  before: NestedField | null
  /** The tray's change of it; null without one. */
  mark: '+' | '~' | '−' | null
  /** `part`: the element of a list or the value of a map, which has no name of its own. */
  role: 'column' | 'part' | 'key'
  /** Whether it is in the key of a map, which cannot change. */
  isInKey: boolean
  isIdentifier: boolean
  /** Whether it, or a column within it, is changed. */
  isTouched: boolean
}

type RowContext = Pick<TreeRow, 'depth' | 'parentId' | 'isInKey'> & { isDropped: boolean }

/**
 * A schema as lines, compared with its current state: dropped columns keep their positions. Without `now`, the schema
 * as it is.
 *
 * @param movedIds columns that the tray moves
 */
export function treeRows(
  before: ShownSchema,
  now: ShownSchema = before,
  movedIds: ReadonlySet<number> = new Set(),
): TreeRow[] {
  const beforeById = new Map<number, NestedField>()
  const index = (field: NestedField): void => {
    beforeById.set(field.id, field)
    for (const child of childFields(field.type)) index(child)
  }
  for (const field of before.fields) index(field)
  const wasIdentifier = new Set(before.identifierFieldIds)
  const isIdentifier = new Set(now.identifierFieldIds)

  const rowsOf = (fields: readonly NestedField[], former: readonly NestedField[], type: Type | null, at: RowContext) =>
    withDropped(fields, former).flatMap(({ field, isRemoved }): TreeRow[] => {
      const known = beforeById.get(field.id) ?? null
      const isDropped = at.isDropped || isRemoved
      const role = roleOf(type, field.id)
      const isChanged =
        known !== null &&
        (movedIds.has(field.id) || wasIdentifier.has(field.id) !== isIdentifier.has(field.id) || isEdited(known, field))
      const mark = isDropped ? '−' : known === null ? '+' : isChanged ? '~' : null
      const isInKey = at.isInKey || role === 'key'
      const inner = rowsOf(
        childFields(field.type),
        isDropped || known === null ? [] : childFields(known.type),
        field.type,
        {
          depth: at.depth + 1,
          parentId: field.id,
          isInKey,
          isDropped,
        },
      )
      return [
        {
          fieldId: field.id,
          field,
          depth: at.depth,
          parentId: at.parentId,
          before: known,
          mark,
          role,
          isInKey,
          isIdentifier: isIdentifier.has(field.id),
          isTouched: mark !== null || inner.some((row) => row.isTouched),
        },
        ...inner,
      ]
    })
  const top: RowContext = { depth: 0, parentId: null, isInKey: false, isDropped: false }
  return rowsOf(now.fields, before.fields, null, top)
}

/** `struct`, `list` and `map` without their contents, which have separate lines. */
export function ownTypeLabel(type: Type): string {
  return typeof type === 'string' ? typeLabel(type) : type.type
}

/** The fields with the dropped ones, each after the sibling that it followed. */
function withDropped(
  fields: readonly NestedField[],
  former: readonly NestedField[],
): readonly { field: NestedField; isRemoved: boolean }[] {
  const retained = new Set(fields.map(({ id }) => id))
  const shown = fields.map((field) => ({ field, isRemoved: false }))
  for (const [i, field] of former.entries()) {
    if (retained.has(field.id)) continue
    const previous = former[i - 1]
    const index = previous ? shown.findIndex((one) => one.field.id === previous.id) + 1 : 0
    shown.splice(index, 0, { field, isRemoved: true })
  }
  return shown
}

function isEdited(before: NestedField, now: NestedField): boolean {
  return (
    before.name !== now.name ||
    ownTypeLabel(before.type) !== ownTypeLabel(now.type) ||
    before.required !== now.required ||
    before.doc !== now.doc ||
    before.writeDefault !== now.writeDefault
  )
}

function roleOf(parent: Type | null, fieldId: number): TreeRow['role'] {
  if (parent === null || typeof parent === 'string' || parent.type === 'struct') return 'column'
  return parent.type === 'map' && parent.keyId === fieldId ? 'key' : 'part'
}
