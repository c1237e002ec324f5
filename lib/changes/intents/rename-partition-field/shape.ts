import { z } from 'zod'
import { fieldId, nameText } from '../shapes'
import type { RenamePartitionField } from './words'

export const renamePartitionFieldShape = z.object({
  kind: z.literal('rename-partition-field'),
  fieldId,
  name: nameText,
  base: nameText,
}) satisfies z.ZodType<RenamePartitionField>
