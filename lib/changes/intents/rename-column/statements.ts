import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { requireNamedColumn } from '@/lib/changes/edits/column-edits'
import { type IntentStatements, isMissing } from '@/lib/changes/statements/intent-statement'
import { movedProperties, renamePropertiesInSpark, renamePropertiesInPyiceberg } from './moved-properties'
import { pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn } from '@/lib/changes/statements/spark-sql'
import { alterInTrino, trinoColumn, trinoNameProblem, trinoParentProblem } from '@/lib/changes/statements/trino-sql'
import type { RenameColumn } from './describe'

export const renameColumnStatements: IntentStatements<RenameColumn> = {
  spark: (draft, intent, table) => {
    const { path } = requireNamedColumn(draft, intent)
    const properties = renamePropertiesInSpark(movedProperties(draft, intent, path), table)
    if (isMissing(properties)) return properties
    const rename = `RENAME COLUMN ${sparkColumn(path)} TO ${quoteWithBackticks(intent.name)}`
    return [alterInSpark(table, rename), ...properties]
  },
  trino: (draft, intent, table) => {
    const { path, parentId, isRepeated } = requireNamedColumn(draft, intent)
    if (isRepeated) return { reason: 'Trino 476 cannot rename what is within lists and maps.' }
    const problem = trinoParentProblem(draft, parentId) ?? trinoNameProblem(intent.name)
    if (problem) return problem
    if (movedProperties(draft, intent, path).length > 0)
      return { reason: 'Trino cannot move the properties that name the column.' }
    return [alterInTrino(table, `RENAME COLUMN ${trinoColumn(path)} TO ${quoteIdentifier(intent.name)}`)]
  },
  pyiceberg: (draft, intent) => {
    const { path } = requireNamedColumn(draft, intent)
    return [
      schemaStep([`rename_column(${pythonPath(path)}, ${pythonString(intent.name)})`]),
      ...renamePropertiesInPyiceberg(movedProperties(draft, intent, path)),
    ]
  },
}
