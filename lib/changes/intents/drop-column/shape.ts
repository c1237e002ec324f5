import { z } from 'zod'
import { columnTarget } from '../shapes'
import type { DropColumn } from './words'

export const dropColumnShape = z.object({
  kind: z.literal('drop-column'),
  ...columnTarget,
}) satisfies z.ZodType<DropColumn>
