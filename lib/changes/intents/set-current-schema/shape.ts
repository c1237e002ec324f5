import { z } from 'zod'
import { fieldId } from '../shapes'
import type { SetCurrentSchema } from './words'

export const setCurrentSchemaShape = z.object({
  kind: z.literal('set-current-schema'),
  schemaId: fieldId,
  base: fieldId,
}) satisfies z.ZodType<SetCurrentSchema>
