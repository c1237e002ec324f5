import { existingFiles } from '../existing-files'
import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** Moves a column among its siblings. */
export type MoveColumn = {
  kind: 'move-column'
  /** The sibling that it follows, by id, or by name when the same commit adds it; null: it is first. */
  after: number | string | null
  /** The name of that sibling, as the person saw it; null: first. */
  afterName: string | null
} & ColumnTarget

export const moveColumnDescription: IntentDescription<MoveColumn> = {
  area: 'schema',
  target: ({ fieldId }) => `place of ${fieldId}`,
  sign: () => '~',
  describe: ({ column, afterName }) => [
    'Move',
    { name: columnLabel(column) },
    ...(afterName === null ? ['to the first place'] : ['after', { name: afterName }]),
  ],
  effects: (_intent, figures) => `${existingFiles(figures)} stay as they are; readers see the new order.`,
}
