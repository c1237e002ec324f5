import { returnToSpec } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import {
  comparePartitionField,
  rebasePartitionField,
  removePartitionField as removeField,
} from '@/lib/changes/edits/partition-edits'
import type { RemovePartitionField } from './describe'

export const removePartitionField = {
  compare: (metadata, intent) => comparePartitionField(metadata, intent.fieldId, intent.name, null),
  rebase: (metadata, intent) => {
    const field = rebasePartitionField(metadata, intent.fieldId)
    return field && { ...intent, name: field.name }
  },
  apply: (draft, intent) => removeField(draft, intent.fieldId),
  reverse: returnToSpec,
} satisfies IntentChange<RemovePartitionField>
