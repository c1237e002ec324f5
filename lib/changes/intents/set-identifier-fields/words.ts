import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentWords } from '../intent-kind'

/** The columns that identify a row. The paths, in the order of the ids, are those that the person saw. */
export type SetIdentifierFields = {
  kind: 'set-identifier-fields'
  fieldIds: readonly number[]
  columns: readonly (readonly string[])[]
  base: readonly number[]
}

export const setIdentifierFieldsWords: IntentWords<SetIdentifierFields> = {
  area: 'schema',
  target: () => 'identifier fields',
  sign: ({ fieldIds }) => (fieldIds.length === 0 ? '−' : '~'),
  words: ({ columns }) =>
    columns.length === 0
      ? ['Remove the identifier fields']
      : ['Identify rows by', { name: columns.map(columnLabel).join(', ') }],
}
