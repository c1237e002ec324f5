import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { sortInPyiceberg } from '@/lib/changes/statements/pyiceberg-code'
import { sortInSpark } from '@/lib/changes/statements/sort-statements'
import { sortInTrino } from '@/lib/changes/statements/trino-sql'
import type { ReplaceSortOrder } from './describe'

export const replaceSortOrderStatements: IntentStatements<ReplaceSortOrder> = {
  spark: (draft, { fields }, table) => sortInSpark(draft, fields, table),
  trino: (draft, { fields }, table) => sortInTrino(draft, fields, table),
  pyiceberg: (draft, { fields }) => sortInPyiceberg(draft, fields),
}
