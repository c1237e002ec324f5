import { z } from 'zod'
import { nameText, snapshotId } from '../shapes'
import type { RenameRef } from './words'

export const renameRefShape = z.object({
  kind: z.literal('rename-ref'),
  refName: nameText,
  snapshotId,
  name: nameText,
}) satisfies z.ZodType<RenameRef>
