import { z } from 'zod'
import { fieldId, nameText } from '../shapes'
import type { AddPartitionField } from './words'

export const addPartitionFieldShape = z.object({
  kind: z.literal('add-partition-field'),
  sourceId: fieldId,
  source: z.array(nameText).min(1).max(100).readonly(),
  transform: z.string().max(1000),
  name: nameText,
}) satisfies z.ZodType<AddPartitionField>
