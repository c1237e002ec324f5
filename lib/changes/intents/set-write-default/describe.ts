import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/**
 * The value that writers use when none is given: JSON text as in a schema; null: none. `base` is the value that the
 * person saw.
 */
export type SetWriteDefault = { kind: 'set-write-default'; value: string | null; base: string | null } & ColumnTarget

export const setWriteDefaultDescription: IntentDescription<SetWriteDefault> = {
  area: 'schema',
  target: ({ fieldId }) => `write default of ${fieldId}`,
  sign: () => '~',
  describe: ({ column, value }) =>
    value === null
      ? ['Remove the write default of', { name: columnLabel(column) }]
      : ['Set the write default of', { name: columnLabel(column) }, 'to', { value }],
  effects: ({ value }) =>
    value === null
      ? 'Existing rows keep their values; writers no longer have a default.'
      : 'Existing rows keep their values; writers that honour it use it where no value is given.',
}
