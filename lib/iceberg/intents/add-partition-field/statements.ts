import type { IntentStatements } from '../intent-statement'
import { addFieldInPyiceberg, addFieldInSpark } from '../partition-statements'
import { partitionInTrino, usualPartitionName } from '../trino-sql'
import type { AddPartitionField } from './words'

export const addPartitionFieldStatements: IntentStatements<AddPartitionField> = {
  spark: addFieldInSpark,
  trino: (draft, intent, table) => {
    const usual = usualPartitionName(draft, intent)
    if (usual !== intent.name) return { reason: `Trino would name the partition field ${usual}.` }
    return partitionInTrino(draft, [...draft.partitionFields, { ...intent, fieldId: 0 }], table)
  },
  pyiceberg: addFieldInPyiceberg,
}
