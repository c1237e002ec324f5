import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

/** Promotes a column to a wider type. `base` is the type that the person saw. */
export type ChangeColumnType = { kind: 'change-column-type'; type: string; base: string } & ColumnTarget

export const changeColumnTypeWords: IntentWords<ChangeColumnType> = {
  area: 'schema',
  target: ({ fieldId }) => `type of ${fieldId}`,
  sign: () => '~',
  words: ({ column, base, type }) => [
    'Change the type of',
    { name: columnLabel(column) },
    'from',
    { name: base },
    'to',
    { name: type },
  ],
}
