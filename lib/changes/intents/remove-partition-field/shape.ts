import { z } from 'zod'
import { fieldId, nameText } from '../shapes'
import type { RemovePartitionField } from './words'

export const removePartitionFieldShape = z.object({
  kind: z.literal('remove-partition-field'),
  fieldId,
  name: nameText,
}) satisfies z.ZodType<RemovePartitionField>
