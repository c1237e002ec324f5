import type { SortField } from '../../../iceberg/partitioning/sort-order'
import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { sortInPyiceberg } from '@/lib/changes/statements/pyiceberg-code'
import { sortInSpark } from '@/lib/changes/statements/sort-statements'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import { sortInTrino } from '@/lib/changes/statements/trino-sql'
import type { SetDefaultSortOrder } from './describe'

/** No engine chooses an order by its id: they find the earlier one by its fields. */
export const setDefaultSortOrderStatements: IntentStatements<SetDefaultSortOrder> = {
  spark: (draft, { orderId }, table) => sortInSpark(draft, fieldsOf(draft, orderId), table),
  trino: (draft, { orderId }, table) => sortInTrino(draft, fieldsOf(draft, orderId), table),
  pyiceberg: (draft, { orderId }) => sortInPyiceberg(draft, fieldsOf(draft, orderId)),
}

function fieldsOf({ base }: TableDraft, orderId: number): readonly SortField[] {
  return base.sortOrders.find((order) => order.orderId === orderId)?.fields ?? []
}
