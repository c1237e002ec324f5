import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** Describes a column; null removes its description. `base` is the description that the person saw. */
export type SetColumnDoc = { kind: 'set-column-doc'; doc: string | null; base: string | null } & ColumnTarget

export const setColumnDocDescription: IntentDescription<SetColumnDoc> = {
  area: 'schema',
  target: ({ fieldId }) => `doc of ${fieldId}`,
  sign: () => '~',
  describe: ({ column, doc }) =>
    doc === null
      ? ['Remove the description of', { name: columnLabel(column) }]
      : ['Describe', { name: columnLabel(column) }, 'as', { value: doc }],
  effects: () => 'No data file changes; readers see the new description.',
}
