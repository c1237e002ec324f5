import { quoteWithBackticks } from '@/lib/sql/quoting'
import { columnPath, requireNamedColumn } from '@/lib/changes/edits/column-edits'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn } from '@/lib/changes/statements/spark-sql'
import { siblingName } from '@/lib/changes/edits/column-edits'
import type { MoveColumn } from './describe'

export const moveColumnStatements: IntentStatements<MoveColumn> = {
  spark: (draft, intent, table) => {
    const { path, parentId } = requireNamedColumn(draft, intent)
    const sibling = siblingName(draft, parentId, intent.after)
    const position = sibling === null ? 'FIRST' : `AFTER ${quoteWithBackticks(sibling)}`
    return [alterInSpark(table, `ALTER COLUMN ${sparkColumn(path)} ${position}`)]
  },
  trino: () => ({ reason: 'Trino cannot move a column.' }),
  pyiceberg: (draft, intent) => {
    const { path, parentId } = requireNamedColumn(draft, intent)
    const sibling = siblingName(draft, parentId, intent.after)
    if (sibling === null) return [schemaStep([`move_first(${pythonPath(path)})`])]
    return [schemaStep([`move_after(${pythonPath(path)}, ${pythonPath([...columnPath(draft, parentId), sibling])})`])]
  },
}
