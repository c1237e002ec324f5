import { z } from 'zod'
import { columnTarget } from '../shapes'
import type { RemoveProperty } from './words'

export const removePropertyShape = z.object({
  kind: z.literal('remove-property'),
  key: z.string().min(1).max(1000),
  base: z.string().nullable(),
  column: columnTarget.column.exactOptional(),
}) satisfies z.ZodType<RemoveProperty>
