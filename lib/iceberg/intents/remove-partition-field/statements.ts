import type { IntentStatements } from '../intent-statement'
import { requirePartitionField } from '../partition-edits'
import { removeFieldInPyiceberg, removeFieldInSpark } from '../partition-statements'
import { partitionInTrino } from '../trino-sql'
import type { RemovePartitionField } from './words'

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
