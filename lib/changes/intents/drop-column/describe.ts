import { existingFiles } from '../existing-files'
import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

export type DropColumn = { kind: 'drop-column' } & ColumnTarget

export const dropColumnDescription: IntentDescription<DropColumn> = {
  area: 'schema',
  target: ({ fieldId }) => `column ${fieldId}`,
  sign: () => '−',
  describe: ({ column }) => ['Drop the column', { name: columnLabel(column) }],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} still contain its values, but readers ignore them. Undo brings the column back until the schema changes again; after that, its id is not used again.`,
}
