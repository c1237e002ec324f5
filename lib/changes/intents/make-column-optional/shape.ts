import { z } from 'zod'
import { columnTarget } from '../shapes'
import type { MakeColumnOptional } from './words'

export const makeColumnOptionalShape = z.object({
  kind: z.literal('make-column-optional'),
  ...columnTarget,
}) satisfies z.ZodType<MakeColumnOptional>
