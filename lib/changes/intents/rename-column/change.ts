import { columnProperties } from '../../../iceberg/properties/column-properties'
import {
  caseWarnings,
  compareName,
  rebaseColumn,
  requireFreeName,
  requireNamedColumn,
  siblingsOf,
  updateColumn,
} from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { requireDottedNames } from '@/lib/changes/edits/dotted-names'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import { brokenRules } from '../broken-rules'
import { movedProperties } from './moved-properties'
import type { RenameColumn } from './describe'

export const renameColumn = {
  compare: (metadata, intent) => compareName(metadata, intent, intent.name),
  rebase: rebaseColumn,
  apply: (draft, intent) => {
    const { fieldId, name } = intent
    const { path, parentId } = requireNamedColumn(draft, intent)
    requireFreeName(
      siblingsOf(draft.schema, parentId).filter(({ id }) => id !== fieldId),
      name,
      parentId,
    )
    const next = { schema: draft.schema }
    updateColumn(next, fieldId, (field) => ({ ...field, name }))
    requireDottedNames(draft, next.schema, fieldId)
    draft.schema = next.schema
    for (const { key, movedKey, value } of movedProperties(draft, intent, path)) {
      draft.properties.delete(key)
      draft.properties.set(movedKey, value)
    }
  },
  warnings: ({ schema, properties }, { fieldId, column, name, movesProperties }) => {
    const parentId = siblingsOf(schema, null).some(({ id }) => id === fieldId) ? null : undefined
    const named = movesProperties ? [] : columnProperties(properties, columnLabel(column))
    return [
      ...(parentId === null
        ? caseWarnings(
            schema.fields.filter(({ id }) => id !== fieldId),
            name,
          )
        : []),
      ...(named.length === 0
        ? []
        : [
            `These settings name the column, and will no longer apply to it: ${named.map(({ key }) => key).join(', ')}.`,
          ]),
      ...(parentId === null && !movesProperties ? brokenRules(properties, column) : []),
    ]
  },
  reverse: returnToSchema,
} satisfies IntentChange<RenameColumn>
