import { normalizePrimitiveType } from '../../../iceberg/schema/primitive'
import type { PrimitiveType } from '../../../iceberg/schema/types'
import { requireColumn } from '@/lib/changes/edits/column-edits'
import { type IntentStatements, isMissing } from '@/lib/changes/statements/intent-statement'
import { pythonPath, pythonType, schemaStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn, sparkType } from '@/lib/changes/statements/spark-sql'
import { alterInTrino, trinoColumn, trinoParentProblem, trinoType } from '@/lib/changes/statements/trino-sql'
import type { ChangeColumnType } from './describe'

export const changeColumnTypeStatements: IntentStatements<ChangeColumnType> = {
  spark: (draft, intent, table) => {
    const type = sparkType(requestedType(intent))
    if (isMissing(type)) return type
    return [alterInSpark(table, `ALTER COLUMN ${sparkColumn(requireColumn(draft, intent).path)} TYPE ${type}`)]
  },
  trino: (draft, intent, table) => {
    const { path, parentId } = requireColumn(draft, intent)
    const problem = trinoParentProblem(draft, parentId)
    if (problem) return problem
    const type = trinoType(requestedType(intent))
    if (isMissing(type)) return type
    return [alterInTrino(table, `ALTER COLUMN ${trinoColumn(path)} SET DATA TYPE ${type}`)]
  },
  pyiceberg: (draft, intent) => {
    const type = pythonType(requestedType(intent))
    if (isMissing(type)) return type
    const path = pythonPath(requireColumn(draft, intent).path)
    return [schemaStep([`update_column(${path}, field_type=${type})`], ['types'])]
  },
}

function requestedType({ type }: ChangeColumnType): PrimitiveType {
  return normalizePrimitiveType(type) ?? 'unknown'
}
