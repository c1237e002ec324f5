import { pythonString } from '@/lib/sql/quoting'
import { quoteString } from '@/lib/sql/quote-identifier'
import { requireNamedColumn } from '@/lib/changes/edits/column-edits'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn, sparkString } from '@/lib/changes/statements/spark-sql'
import { trinoColumn } from '@/lib/changes/statements/trino-sql'
import type { SetColumnDoc } from './describe'

export const setColumnDocStatements: IntentStatements<SetColumnDoc> = {
  spark: (draft, intent, table) => {
    if (intent.doc === null) return { reason: 'Spark can empty a description, but not remove it.' }
    const column = sparkColumn(requireNamedColumn(draft, intent).path)
    return [alterInSpark(table, `ALTER COLUMN ${column} COMMENT ${sparkString(intent.doc)}`)]
  },
  trino: (draft, intent, table) => {
    const { path } = requireNamedColumn(draft, intent)
    if (path.length > 1) return { reason: 'Trino describes columns of the table, not those within structs.' }
    const doc = intent.doc === null ? 'NULL' : quoteString(intent.doc)
    return [`COMMENT ON COLUMN ${table}.${trinoColumn(path)} IS ${doc}`]
  },
  pyiceberg: (draft, intent) => {
    if (intent.doc === null) return { reason: 'PyIceberg can empty a description, but not remove it.' }
    const path = pythonPath(requireNamedColumn(draft, intent).path)
    return [schemaStep([`update_column(${path}, doc=${pythonString(intent.doc)})`])]
  },
}
