import { existingFiles } from '../existing-files'
import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** Promotes a column to a wider type. `base` is the type that the person saw. */
export type ChangeColumnType = { kind: 'change-column-type'; type: string; base: string } & ColumnTarget

export const changeColumnTypeDescription: IntentDescription<ChangeColumnType> = {
  area: 'schema',
  target: ({ fieldId }) => `type of ${fieldId}`,
  sign: () => '~',
  describe: ({ column, base, type }) => [
    'Change the type of',
    { name: columnLabel(column) },
    'from',
    { name: base },
    'to',
    { name: type },
  ],
  effects: ({ base, type }, figures) => `${existingFiles(figures)} keep ${base}; readers see their values as ${type}.`,
}
