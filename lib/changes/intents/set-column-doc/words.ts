import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

/** Describes a column; null removes its description. `base` is what the person saw. */
export type SetColumnDoc = { kind: 'set-column-doc'; doc: string | null; base: string | null } & ColumnTarget

export const setColumnDocWords: IntentWords<SetColumnDoc> = {
  area: 'schema',
  target: ({ fieldId }) => `doc of ${fieldId}`,
  sign: () => '~',
  words: ({ column, doc }) =>
    doc === null
      ? ['Remove the description of', { name: columnLabel(column) }]
      : ['Describe', { name: columnLabel(column) }, 'as', { value: doc }],
}
