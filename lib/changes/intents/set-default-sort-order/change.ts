import { AppError } from '@/lib/errors'
import { returnToSortOrder } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { SetDefaultSortOrder } from './describe'

export const setDefaultSortOrder = {
  compare: (metadata, { orderId, base }) => ({
    base: `id ${base}`,
    current: `id ${metadata.defaultSortOrderId}`,
    requested: `id ${orderId}`,
  }),
  rebase: (metadata, intent) => ({ ...intent, base: metadata.defaultSortOrderId }),
  apply: (draft, { orderId }) => {
    const order = draft.base.sortOrders.find((one) => one.orderId === orderId)
    if (!order)
      throw new AppError('not-found', `The table no longer has the sort order ${orderId}.`, { facts: { orderId } })
    draft.sortFields = order.fields
  },
  reverse: returnToSortOrder,
} satisfies IntentChange<SetDefaultSortOrder>
