import { requireColumn } from '../column-edits'
import type { IntentStatements } from '../intent-statement'
import { pythonPath, schemaStep } from '../pyiceberg-code'
import { alterInSpark, sparkColumn } from '../spark-sql'
import { alterInTrino, trinoColumn } from '../trino-sql'
import type { MakeColumnOptional } from './words'

export const makeColumnOptionalStatements: IntentStatements<MakeColumnOptional> = {
  spark: (draft, intent, table) => [
    alterInSpark(table, `ALTER COLUMN ${sparkColumn(requireColumn(draft, intent).path)} DROP NOT NULL`),
  ],
  trino: (draft, intent, table) => {
    const { path } = requireColumn(draft, intent)
    if (path.length > 1) return { reason: 'Trino can make columns of the table optional, not those within structs.' }
    return [alterInTrino(table, `ALTER COLUMN ${trinoColumn(path)} DROP NOT NULL`)]
  },
  pyiceberg: (draft, intent) => [
    schemaStep([`make_column_optional(${pythonPath(requireColumn(draft, intent).path)})`]),
  ],
}
