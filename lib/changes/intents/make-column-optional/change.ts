import { AppError } from '@/lib/errors'
import { currentSchema } from '../../../iceberg/metadata/current-layout'
import { findColumn, rebaseColumn, requireColumn, updateColumn } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { MakeColumnOptional } from './describe'

const label = (required: boolean): string => (required ? 'required' : 'optional')

export const makeColumnOptional = {
  compare: (metadata, { fieldId }) => {
    const now = findColumn(currentSchema(metadata), fieldId)
    return { base: label(true), current: now && label(now.field.required), requested: label(false) }
  },
  // Optional already, so there is no change left.
  rebase: (metadata, intent) => {
    const now = findColumn(currentSchema(metadata), intent.fieldId)
    return now?.field.required ? rebaseColumn(metadata, intent) : null
  },
  apply: (draft, intent) => {
    const { field, path } = requireColumn(draft, intent)
    if (draft.schema.identifierFieldIds.includes(field.id)) {
      throw new AppError('invalid-request', `${columnLabel(path)} is an identifier field, which must be required.`, {
        facts: { column: columnLabel(path) },
      })
    }
    updateColumn(draft, field.id, (column) => ({ ...column, required: false }))
  },
  reverse: returnToSchema,
} satisfies IntentChange<MakeColumnOptional>
