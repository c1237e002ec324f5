import { z } from 'zod'
import { MAX_PROPERTY_NAME_CHARS } from '../../../iceberg/text-limits'
import { columnTarget, earlierProperty } from '../shapes'
import type { RemoveProperty } from './words'

export const removePropertyShape = z.object({
  kind: z.literal('remove-property'),
  key: z.string().min(1).max(MAX_PROPERTY_NAME_CHARS),
  base: earlierProperty,
  column: columnTarget.column.exactOptional(),
}) satisfies z.ZodType<RemoveProperty>
