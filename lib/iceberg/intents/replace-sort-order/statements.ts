import type { IntentStatements } from '../intent-statement'
import { sortInPyiceberg } from '../pyiceberg-code'
import { sortInSpark } from '../sort-statements'
import { sortInTrino } from '../trino-sql'
import type { ReplaceSortOrder } from './words'

export const replaceSortOrderStatements: IntentStatements<ReplaceSortOrder> = {
  spark: (draft, { fields }, table) => sortInSpark(draft, fields, table),
  trino: (draft, { fields }, table) => sortInTrino(draft, fields, table),
  pyiceberg: (draft, { fields }) => sortInPyiceberg(draft, fields),
}
