import { z } from 'zod'
import { fieldId } from '../shapes'
import type { SetDefaultSpec } from './words'

export const setDefaultSpecShape = z.object({
  kind: z.literal('set-default-spec'),
  specId: fieldId,
  base: fieldId,
}) satisfies z.ZodType<SetDefaultSpec>
