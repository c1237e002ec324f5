import { requireNamedColumn } from '../column-edits'
import type { IntentStatements } from '../intent-statement'
import { pythonPath, schemaStep } from '../pyiceberg-code'
import { alterInSpark, sparkColumn } from '../spark-sql'
import { alterInTrino, trinoColumn, trinoParentProblem } from '../trino-sql'
import type { DropColumn } from './words'

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
