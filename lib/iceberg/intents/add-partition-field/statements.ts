import type { IntentStatements } from '../intent-statement'
import { addFieldInPyiceberg, addFieldInSpark } from '../partition-statements'
import { partitionInTrino } from '../trino-sql'
import type { AddPartitionField } from './words'

export const addPartitionFieldStatements: IntentStatements<AddPartitionField> = {
  spark: addFieldInSpark,
  trino: (draft, intent, table) =>
    partitionInTrino(draft, [...draft.partitionFields, { ...intent, fieldId: 0 }], table),
  pyiceberg: addFieldInPyiceberg,
}
