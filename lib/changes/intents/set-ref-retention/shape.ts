import { z } from 'zod'
import { nameText, retention } from '../shapes'
import type { SetRefRetention } from './words'

export const setRefRetentionShape = z.object({
  kind: z.literal('set-ref-retention'),
  refName: nameText,
  retention,
  base: retention,
}) satisfies z.ZodType<SetRefRetention>
