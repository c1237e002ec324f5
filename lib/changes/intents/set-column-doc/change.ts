import { currentSchema } from '../../../iceberg/metadata/current-layout'
import { findColumn, rebaseColumn, requireNamedColumn, updateColumn } from '@/lib/changes/edits/column-edits'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { SetColumnDoc } from './describe'

export const setColumnDoc = {
  compare: (metadata, { fieldId, doc, base }) => ({
    base,
    current: findColumn(currentSchema(metadata), fieldId)?.field.doc ?? null,
    requested: doc,
  }),
  rebase: (metadata, intent) => {
    const now = findColumn(currentSchema(metadata), intent.fieldId)
    const rebased = rebaseColumn(metadata, intent)
    return now && rebased && { ...rebased, base: now.field.doc ?? null }
  },
  apply: (draft, intent) => {
    const { field } = requireNamedColumn(draft, intent)
    updateColumn(draft, field.id, ({ doc: _doc, ...column }) =>
      intent.doc === null ? column : { ...column, doc: intent.doc },
    )
  },
  reverse: returnToSchema,
} satisfies IntentChange<SetColumnDoc>
