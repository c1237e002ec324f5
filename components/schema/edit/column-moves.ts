import { siblingsOf } from '@/lib/iceberg/intents/column-edits'
import type { TreeRow } from '../tree-rows'
import { moveColumn } from './edit-intents'
import type { Edit, SchemaEdits } from './use-schema-edits'

/** The siblings of a column in the order of the draft, and its index among them. */
export function columnSteps({ state }: SchemaEdits, { parentId, fieldId }: TreeRow) {
  const siblingIds = siblingsOf(state.draft.schema, parentId).map(({ id }) => id)
  return { siblingIds, index: siblingIds.indexOf(fieldId) }
}

/** @param afterId the sibling that the column follows; null: it is first */
export function moveTo({ fieldId }: TreeRow, afterId: number | null): Edit {
  return (state, intents) => moveColumn(state, intents, fieldId, afterId)
}

/** Undefined for the first one. */
export function moveUp(edits: SchemaEdits, row: TreeRow): Edit | undefined {
  const { siblingIds, index } = columnSteps(edits, row)
  return index > 0 ? moveTo(row, siblingIds[index - 2] ?? null) : undefined
}

/** Undefined for the last one. */
export function moveDown(edits: SchemaEdits, row: TreeRow): Edit | undefined {
  const { siblingIds, index } = columnSteps(edits, row)
  const next = siblingIds[index + 1]
  return next === undefined ? undefined : moveTo(row, next)
}
