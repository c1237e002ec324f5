import { currentSchema } from '../../../iceberg/metadata/current-layout'
import type { Schema } from '../../../iceberg/schema/types'
import { findColumn } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { SetIdentifierFields } from './describe'

export const setIdentifierFields = {
  compare: (metadata, { fieldIds, base }) => {
    const schema = currentSchema(metadata)
    return {
      base: fieldNames(schema, base),
      current: fieldNames(schema, schema.identifierFieldIds),
      requested: fieldNames(schema, fieldIds),
    }
  },
  rebase: (metadata, intent) => ({ ...intent, base: currentSchema(metadata).identifierFieldIds }),
  // The rules for identifier fields are checked on the whole schema, which the same commit may change.
  apply: (draft, { fieldIds }) => {
    draft.schema = { ...draft.schema, identifierFieldIds: [...new Set(fieldIds)] }
  },
  reverse: returnToSchema,
} satisfies IntentChange<SetIdentifierFields>

function fieldNames(schema: Schema, fieldIds: readonly number[]): string | null {
  if (fieldIds.length === 0) return null
  return fieldIds
    .map((id) => columnLabel(findColumn(schema, id)?.path ?? [`column ${id}`]))
    .sort()
    .join(', ')
}
