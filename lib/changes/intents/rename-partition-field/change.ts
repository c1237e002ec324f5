import { returnToSpec } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import {
  comparePartitionField,
  rebasePartitionField,
  renamePartitionField as renameField,
} from '@/lib/changes/edits/partition-edits'
import type { RenamePartitionField } from './describe'

export const renamePartitionField = {
  compare: (metadata, intent) => comparePartitionField(metadata, intent.fieldId, intent.base, intent.name),
  rebase: (metadata, intent) => {
    const field = rebasePartitionField(metadata, intent.fieldId)
    return field && { ...intent, base: field.name }
  },
  apply: (draft, intent) => renameField(draft, intent.fieldId, intent.name),
  reverse: returnToSpec,
} satisfies IntentChange<RenamePartitionField>
