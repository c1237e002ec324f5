import { z } from 'zod'
import { fieldId } from '../shapes'
import type { SetDefaultSortOrder } from './words'

export const setDefaultSortOrderShape = z.object({
  kind: z.literal('set-default-sort-order'),
  orderId: fieldId,
  base: fieldId,
}) satisfies z.ZodType<SetDefaultSortOrder>
