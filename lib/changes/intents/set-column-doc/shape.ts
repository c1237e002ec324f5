import { z } from 'zod'
import { docText, columnTarget } from '../shapes'
import type { SetColumnDoc } from './words'

export const setColumnDocShape = z.object({
  kind: z.literal('set-column-doc'),
  ...columnTarget,
  doc: docText.nullable(),
  base: docText.nullable(),
}) satisfies z.ZodType<SetColumnDoc>
