import { z } from 'zod'
import { nameText, snapshotId, retention } from '../shapes'
import type { CreateRef } from './words'

export const createRefShape = z.object({
  kind: z.literal('create-ref'),
  refName: nameText,
  type: z.enum(['branch', 'tag']),
  snapshotId,
  retention,
}) satisfies z.ZodType<CreateRef>
