import { currentSchema } from '../../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../../iceberg/metadata/table-metadata'
import { sortOrderLabel } from '../../../iceberg/partitioning/sort-order'
import { normalizeTransform } from '../../../iceberg/partitioning/transform'
import { returnToSortOrder } from '../layout-reverse'
import { requireNewSortField } from '@/lib/changes/edits/layout-rules'
import type { IntentChange } from '../intent-change'
import { type ReplaceSortOrder, sortFieldsLabel } from './describe'

const UNSORTED = 'unsorted'

export const replaceSortOrder = {
  compare: (metadata, { fields, base }) => ({
    base: orderText(metadata, base),
    current: orderText(metadata, metadata.defaultSortOrderId),
    requested: fields.length === 0 ? UNSORTED : sortFieldsLabel(fields),
  }),
  rebase: (metadata, intent) => ({ ...intent, base: metadata.defaultSortOrderId }),
  apply: (draft, { fields }) => {
    for (const [i, field] of fields.entries()) requireNewSortField(fields.slice(0, i), field)
    draft.sortFields = fields.map(({ source: _source, transform, ...field }) => ({
      ...field,
      transform: normalizeTransform(transform),
    }))
  },
  warnings: ({ base }) =>
    base.snapshots.length === 0
      ? []
      : ['Existing files keep their order, even when Lakeshore rewrites them. Other engines can sort them.'],
  reverse: returnToSortOrder,
} satisfies IntentChange<ReplaceSortOrder>

function orderText(metadata: TableMetadata, orderId: number): string {
  const order = metadata.sortOrders.find((one) => one.orderId === orderId)
  if (!order) return `sort order ${orderId}`
  return `${sortOrderLabel(order, currentSchema(metadata)) || UNSORTED} (id ${orderId})`
}
