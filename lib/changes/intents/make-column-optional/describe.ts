import { existingFiles } from '../existing-files'
import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** Lets a required column have nulls. */
export type MakeColumnOptional = { kind: 'make-column-optional' } & ColumnTarget

export const makeColumnOptionalDescription: IntentDescription<MakeColumnOptional> = {
  area: 'schema',
  target: ({ fieldId }) => `required of ${fieldId}`,
  sign: () => '~',
  describe: ({ column }) => ['Make', { name: columnLabel(column) }, 'optional'],
  effects: (_intent, figures) => `${existingFiles(figures)} stay as they are; readers have to expect null.`,
}
