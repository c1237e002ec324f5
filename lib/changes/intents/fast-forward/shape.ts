import { z } from 'zod'
import { nameText, snapshotId } from '../shapes'
import type { FastForward } from './words'

export const fastForwardShape = z.object({
  kind: z.literal('fast-forward'),
  refName: nameText,
  fromSnapshotId: snapshotId,
  toRefName: nameText,
  toSnapshotId: snapshotId,
}) satisfies z.ZodType<FastForward>
