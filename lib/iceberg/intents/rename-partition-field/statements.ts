import { pythonString } from '@/lib/connect/quoting'
import type { IntentStatements } from '@/lib/iceberg/statements/intent-statement'
import { requirePartitionField } from '@/lib/iceberg/edits/partition-edits'
import { renameFieldInSpark } from '@/lib/iceberg/statements/partition-statements'
import type { RenamePartitionField } from './words'

export const renamePartitionFieldStatements: IntentStatements<RenamePartitionField> = {
  spark: (draft, { fieldId, name }, table) =>
    renameFieldInSpark(draft, requirePartitionField(draft, fieldId), name, table),
  trino: () => ({ reason: 'Trino names partition fields itself.' }),
  pyiceberg: (draft, { fieldId, name }) => {
    const { name: before } = requirePartitionField(draft, fieldId)
    return [{ update: 'spec', lines: [`spec.rename_field(${pythonString(before)}, ${pythonString(name)})`] }]
  },
}
