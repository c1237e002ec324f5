import { z } from 'zod'
import { columnTarget, defaultText } from '../shapes'
import type { SetWriteDefault } from './words'

export const setWriteDefaultShape = z.object({
  kind: z.literal('set-write-default'),
  ...columnTarget,
  value: defaultText.nullable(),
  base: defaultText.nullable(),
}) satisfies z.ZodType<SetWriteDefault>
