import { z } from 'zod'
import { nameText, safetyTag, snapshotId } from '../shapes'
import type { DropRef } from './words'

export const dropRefShape = z.object({
  kind: z.literal('drop-ref'),
  refName: nameText,
  type: z.enum(['branch', 'tag']),
  snapshotId,
  safetyTag,
}) satisfies z.ZodType<DropRef>
