import { siblingsOf } from '@/lib/changes/edits/column-edits'
import type { TreeRow } from '../tree-rows'
import type { ColumnEdits } from './column-edits'

/** The siblings of a column in the order of the draft, and its index among them. */
export function columnSteps({ schema }: ColumnEdits, { parentId, fieldId }: TreeRow) {
  const siblingIds = siblingsOf(schema, parentId).map(({ id }) => id)
  return { siblingIds, index: siblingIds.indexOf(fieldId) }
}

/** Undefined for the first one. */
export function moveUp(edits: ColumnEdits, row: TreeRow): (() => void) | undefined {
  const { siblingIds, index } = columnSteps(edits, row)
  return index > 0 ? () => edits.move(row.fieldId, siblingIds[index - 2] ?? null) : undefined
}

/** Undefined for the last one. */
export function moveDown(edits: ColumnEdits, row: TreeRow): (() => void) | undefined {
  const { siblingIds, index } = columnSteps(edits, row)
  const next = siblingIds[index + 1]
  return next === undefined ? undefined : () => edits.move(row.fieldId, next)
}
