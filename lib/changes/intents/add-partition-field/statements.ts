import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { addFieldInPyiceberg, addFieldInSpark } from '@/lib/changes/statements/partition-statements'
import { partitionInTrino } from '@/lib/changes/statements/trino-sql'
import type { AddPartitionField } from './describe'

export const addPartitionFieldStatements: IntentStatements<AddPartitionField> = {
  spark: addFieldInSpark,
  trino: (draft, intent, table) =>
    partitionInTrino(draft, [...draft.partitionFields, { ...intent, fieldId: 0 }], table),
  pyiceberg: addFieldInPyiceberg,
}
