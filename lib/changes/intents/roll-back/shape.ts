import { z } from 'zod'
import { snapshotId, safetyTag } from '../shapes'
import type { RollBack } from './words'

export const rollBackShape = z.object({
  kind: z.literal('roll-back'),
  fromSnapshotId: snapshotId,
  toSnapshotId: snapshotId,
  safetyTag,
}) satisfies z.ZodType<RollBack>
