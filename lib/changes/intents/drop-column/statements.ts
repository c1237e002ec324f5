import { requireNamedColumn } from '@/lib/changes/edits/column-edits'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn } from '@/lib/changes/statements/spark-sql'
import { alterInTrino, trinoColumn, trinoParentProblem } from '@/lib/changes/statements/trino-sql'
import type { DropColumn } from './describe'

export const dropColumnStatements: IntentStatements<DropColumn> = {
  spark: (draft, intent, table) => [
    alterInSpark(table, `DROP COLUMN ${sparkColumn(requireNamedColumn(draft, intent).path)}`),
  ],
  trino: (draft, intent, table) => {
    const { path, parentId } = requireNamedColumn(draft, intent)
    return trinoParentProblem(draft, parentId) ?? [alterInTrino(table, `DROP COLUMN ${trinoColumn(path)}`)]
  },
  pyiceberg: (draft, intent) => [schemaStep([`delete_column(${pythonPath(requireNamedColumn(draft, intent).path)})`])],
}
