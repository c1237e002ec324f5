import { type ColumnTarget, columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

export type RenameColumn = {
  kind: 'rename-column'
  name: string
  /** Whether properties of the table that name the column, such as its bloom filter, follow it. */
  movesProperties: boolean
} & ColumnTarget

export const renameColumnWords: IntentWords<RenameColumn> = {
  area: 'schema',
  target: ({ fieldId }) => `name of ${fieldId}`,
  sign: () => '~',
  words: ({ column, name }) => ['Rename', { name: columnLabel(column) }, 'to', { name }],
}
