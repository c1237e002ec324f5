import { z } from 'zod'
import { columnTarget } from '../shapes'
import type { SetProperty } from './words'

export const setPropertyShape = z.object({
  kind: z.literal('set-property'),
  key: z.string().min(1).max(1000),
  value: z.string().max(32_768),
  base: z.string().nullable(),
  column: columnTarget.column.exactOptional(),
}) satisfies z.ZodType<SetProperty>
