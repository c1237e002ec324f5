import { AppError } from '@/lib/errors'
import {
  compareName,
  placeAfter,
  rebaseColumn,
  requireNamedColumn,
  updateSiblings,
} from '@/lib/changes/edits/column-edits'
import { lastName } from '@/lib/changes/edits/column-target'
import { returnToSchema } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { MoveColumn } from './describe'

export const moveColumn = {
  compare: (metadata, intent) => compareName(metadata, intent, lastName(intent)),
  rebase: rebaseColumn,
  apply: (draft, intent) => {
    const { field, parentId } = requireNamedColumn(draft, intent)
    if (intent.after === field.id || intent.after === field.name)
      throw new AppError('invalid-request', `${field.name} cannot come after itself.`)
    updateSiblings(draft, parentId, (siblings) =>
      placeAfter(
        siblings.filter(({ id }) => id !== field.id),
        field,
        intent.after,
      ),
    )
  },
  reverse: returnToSchema,
} satisfies IntentChange<MoveColumn>
