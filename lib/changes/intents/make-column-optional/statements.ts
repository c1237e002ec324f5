import { requireColumn } from '@/lib/changes/edits/column-edits'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { pythonPath, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn } from '@/lib/changes/statements/spark-sql'
import { alterInTrino, plainTrinoName } from '@/lib/changes/statements/trino-sql'
import type { MakeColumnOptional } from './describe'

export const makeColumnOptionalStatements: IntentStatements<MakeColumnOptional> = {
  spark: (draft, intent, table) => [
    alterInSpark(table, `ALTER COLUMN ${sparkColumn(requireColumn(draft, intent).path)} DROP NOT NULL`),
  ],
  trino: (draft, intent, table) => {
    const { path } = requireColumn(draft, intent)
    if (path.length > 1) return { reason: 'Trino can make columns of the table optional, not those within structs.' }
    const name = plainTrinoName(path[0] ?? '')
    if (name === null) return { reason: 'Trino 476 cannot make a column optional whose name has to be quoted.' }
    return [alterInTrino(table, `ALTER COLUMN ${name} DROP NOT NULL`)]
  },
  pyiceberg: (draft, intent) => [
    schemaStep([`make_column_optional(${pythonPath(requireColumn(draft, intent).path)})`]),
  ],
}
