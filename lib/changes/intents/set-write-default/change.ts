import { AppError } from '@/lib/errors'
import { stringifyExactJson } from '../../../iceberg/json/exact-json'
import { currentSchema } from '../../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../../iceberg/metadata/table-metadata'
import { defaultToJson } from '../../../iceberg/schema/default-value'
import { findColumn, rebaseColumn, requireNamedColumn, updateColumn } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { readDefault } from '@/lib/changes/edits/default-edits'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { SetWriteDefault } from './describe'

export const setWriteDefault = {
  compare: (metadata, { fieldId, value, base }) => ({
    base,
    current: writeDefaultText(metadata, fieldId),
    requested: value,
  }),
  rebase: (metadata, intent) => {
    const rebased = rebaseColumn(metadata, intent)
    return rebased && { ...rebased, base: writeDefaultText(metadata, intent.fieldId) }
  },
  apply: (draft, intent) => {
    const { field, path } = requireNamedColumn(draft, intent)
    const value = readDefault(field.type, intent.value, { column: columnLabel(path), which: 'write' })
    if (value !== undefined && draft.formatVersion < 3) {
      throw new AppError('invalid-request', `A default of ${columnLabel(path)} needs format version 3.`, {
        facts: { column: columnLabel(path) },
      })
    }
    updateColumn(draft, field.id, ({ writeDefault: _writeDefault, ...column }) =>
      value === undefined ? column : { ...column, writeDefault: value },
    )
  },
  reverse: returnToSchema,
} satisfies IntentChange<SetWriteDefault>

/** As JSON text; null when the column has none, or is gone. */
function writeDefaultText(metadata: TableMetadata, fieldId: number): string | null {
  const field = findColumn(currentSchema(metadata), fieldId)?.field
  return field?.writeDefault === undefined ? null : stringifyExactJson(defaultToJson(field.type, field.writeDefault))
}
