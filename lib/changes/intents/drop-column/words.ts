import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

export type DropColumn = { kind: 'drop-column' } & ColumnTarget

export const dropColumnWords: IntentWords<DropColumn> = {
  area: 'schema',
  target: ({ fieldId }) => `column ${fieldId}`,
  sign: () => '−',
  words: ({ column }) => ['Drop the column', { name: columnLabel(column) }],
}
