import { z } from 'zod'
import { nameText, snapshotId } from '../shapes'
import type { DropRef } from './words'

export const dropRefShape = z.object({
  kind: z.literal('drop-ref'),
  refName: nameText,
  type: z.enum(['branch', 'tag']),
  snapshotId,
}) satisfies z.ZodType<DropRef>
