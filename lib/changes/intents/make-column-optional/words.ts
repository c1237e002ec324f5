import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

/** Lets a required column have nulls. */
export type MakeColumnOptional = { kind: 'make-column-optional' } & ColumnTarget

export const makeColumnOptionalWords: IntentWords<MakeColumnOptional> = {
  area: 'schema',
  target: ({ fieldId }) => `required of ${fieldId}`,
  sign: () => '~',
  words: ({ column }) => ['Make', { name: columnLabel(column) }, 'optional'],
}
