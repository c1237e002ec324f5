import { z } from 'zod'
import { fieldId, nameText } from '../shapes'
import type { ReplaceSortOrder } from './words'

export const replaceSortOrderShape = z.object({
  kind: z.literal('replace-sort-order'),
  fields: z
    .array(
      z.object({
        sourceId: fieldId,
        source: z.array(nameText).min(1).max(100).readonly(),
        transform: z.string().max(1000),
        direction: z.enum(['asc', 'desc']),
        nullOrder: z.enum(['nulls-first', 'nulls-last']),
      }),
    )
    .max(100)
    .readonly(),
  base: z.int().min(0),
}) satisfies z.ZodType<ReplaceSortOrder>
