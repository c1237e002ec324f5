import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** The columns that identify a row. The paths, in the order of the ids, are those that the person saw. */
export type SetIdentifierFields = {
  kind: 'set-identifier-fields'
  fieldIds: readonly number[]
  columns: readonly (readonly string[])[]
  base: readonly number[]
}

export const setIdentifierFieldsDescription: IntentDescription<SetIdentifierFields> = {
  area: 'schema',
  target: () => 'identifier fields',
  sign: ({ fieldIds }) => (fieldIds.length === 0 ? '−' : '~'),
  describe: ({ columns }) =>
    columns.length === 0
      ? ['Remove the identifier fields']
      : ['Identify rows by', { name: columns.map(columnLabel).join(', ') }],
  effects: ({ fieldIds }) =>
    fieldIds.length === 0
      ? 'No data file changes; engines that upsert by them need another key.'
      : 'No data file changes; Iceberg does not check that the values are unique.',
}
