import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

export type RenameColumn = {
  kind: 'rename-column'
  name: string
  /** Whether properties of the table that name the column, such as its bloom filter, follow it. */
  movesProperties: boolean
} & ColumnTarget

export const renameColumnDescription: IntentDescription<RenameColumn> = {
  area: 'schema',
  target: ({ fieldId }) => `name of ${fieldId}`,
  sign: () => '~',
  describe: ({ column, name }) => ['Rename', { name: columnLabel(column) }, 'to', { name }],
  effects: () => 'The id is kept: existing files are read as before. Queries that use the old name no longer read it.',
}
