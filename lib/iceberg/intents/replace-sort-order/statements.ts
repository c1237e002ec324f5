import type { IntentStatements } from '@/lib/iceberg/statements/intent-statement'
import { sortInPyiceberg } from '@/lib/iceberg/statements/pyiceberg-code'
import { sortInSpark } from '@/lib/iceberg/statements/sort-statements'
import { sortInTrino } from '@/lib/iceberg/statements/trino-sql'
import type { ReplaceSortOrder } from './words'

export const replaceSortOrderStatements: IntentStatements<ReplaceSortOrder> = {
  spark: (draft, { fields }, table) => sortInSpark(draft, fields, table),
  trino: (draft, { fields }, table) => sortInTrino(draft, fields, table),
  pyiceberg: (draft, { fields }) => sortInPyiceberg(draft, fields),
}
