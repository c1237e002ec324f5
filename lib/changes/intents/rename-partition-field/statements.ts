import { pythonString } from '@/lib/sql/quoting'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { requirePartitionField } from '@/lib/changes/edits/partition-edits'
import { renameFieldInSpark } from '@/lib/changes/statements/partition-statements'
import type { RenamePartitionField } from './describe'

export const renamePartitionFieldStatements: IntentStatements<RenamePartitionField> = {
  spark: (draft, { fieldId, name }, table) =>
    renameFieldInSpark(draft, requirePartitionField(draft, fieldId), name, table),
  trino: () => ({ reason: 'Trino names partition fields itself.' }),
  pyiceberg: (draft, { fieldId, name }) => {
    const { name: before } = requirePartitionField(draft, fieldId)
    return [{ update: 'spec', lines: [`spec.rename_field(${pythonString(before)}, ${pythonString(name)})`] }]
  },
}
