import { z } from 'zod'
import { MAX_PROPERTY_NAME_CHARS } from '../../../iceberg/text-limits'
import { columnTarget, earlierProperty } from '../shapes'
import type { SetProperty } from './words'

export const setPropertyShape = z.object({
  kind: z.literal('set-property'),
  key: z.string().min(1).max(MAX_PROPERTY_NAME_CHARS),
  value: z.string().max(32_768),
  base: earlierProperty,
  column: columnTarget.column.exactOptional(),
}) satisfies z.ZodType<SetProperty>
