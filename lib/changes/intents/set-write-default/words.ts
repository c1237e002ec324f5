import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

/** The value that writers use when none is given: JSON text as in a schema; null: none. `base` is what the person saw. */
export type SetWriteDefault = { kind: 'set-write-default'; value: string | null; base: string | null } & ColumnTarget

export const setWriteDefaultWords: IntentWords<SetWriteDefault> = {
  area: 'schema',
  target: ({ fieldId }) => `write default of ${fieldId}`,
  sign: () => '~',
  words: ({ column, value }) =>
    value === null
      ? ['Remove the write default of', { name: columnLabel(column) }]
      : ['Set the write default of', { name: columnLabel(column) }, 'to', { value }],
}
