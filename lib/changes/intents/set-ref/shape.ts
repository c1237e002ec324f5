import { z } from 'zod'
import { nameText, snapshotId, safetyTag } from '../shapes'
import type { SetRef } from './words'

export const setRefShape = z.object({
  kind: z.literal('set-ref'),
  refName: nameText,
  fromSnapshotId: snapshotId,
  toSnapshotId: snapshotId,
  safetyTag,
}) satisfies z.ZodType<SetRef>
