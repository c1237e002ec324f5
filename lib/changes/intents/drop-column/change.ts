import { AppError } from '@/lib/errors'
import { columnProperties } from '../../../iceberg/properties/column-properties'
import {
  compareName,
  dropProblem,
  rebaseColumn,
  requireNamedColumn,
  siblingsOf,
  updateSiblings,
} from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { brokenRules } from '../broken-rules'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { DropColumn } from './describe'

export const dropColumn = {
  compare: (metadata, intent) => compareName(metadata, intent, null),
  rebase: rebaseColumn,
  apply: (draft, intent) => {
    const { field, path, parentId } = requireNamedColumn(draft, intent)
    const problem = dropProblem(draft, field.id)
    if (problem !== null) {
      throw new AppError('invalid-request', `${columnLabel(path)} cannot be dropped: it ${problem}.`, {
        facts: { column: columnLabel(path) },
      })
    }
    if (parentId !== null && siblingsOf(draft.schema, parentId).length === 1)
      throw new AppError('invalid-request', `${columnLabel(path)} is the only column of its struct: drop the struct.`)
    updateSiblings(draft, parentId, (siblings) => siblings.filter(({ id }) => id !== field.id))
  },
  warnings: ({ properties }, { column }) => {
    const named = columnProperties(properties, columnLabel(column))
    return [
      ...(named.length === 0
        ? []
        : [`${named.map(({ key }) => key).join(', ')} would apply to another column of this name.`]),
      ...brokenRules(properties, column),
    ]
  },
  reverse: returnToSchema,
} satisfies IntentChange<DropColumn>
