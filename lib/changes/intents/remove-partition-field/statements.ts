import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { requirePartitionField } from '@/lib/changes/edits/partition-edits'
import { removeFieldInPyiceberg, removeFieldInSpark } from '@/lib/changes/statements/partition-statements'
import { partitionInTrino } from '@/lib/changes/statements/trino-sql'
import type { RemovePartitionField } from './describe'

export const removePartitionFieldStatements: IntentStatements<RemovePartitionField> = {
  spark: (draft, { fieldId }, table) => removeFieldInSpark(draft, requirePartitionField(draft, fieldId), table),
  trino: (draft, { fieldId }, table) =>
    partitionInTrino(
      draft,
      draft.partitionFields.filter((field) => field.fieldId !== fieldId),
      table,
    ),
  pyiceberg: (draft, { fieldId }) => removeFieldInPyiceberg(requirePartitionField(draft, fieldId)),
}
