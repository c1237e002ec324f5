import { z } from 'zod'
import { fieldId, nameText } from '../shapes'
import type { SetIdentifierFields } from './words'

const ids = z.array(fieldId).max(1000).readonly()

export const setIdentifierFieldsShape = z.object({
  kind: z.literal('set-identifier-fields'),
  fieldIds: ids,
  columns: z.array(z.array(nameText).max(100).readonly()).max(1000).readonly(),
  base: ids,
}) satisfies z.ZodType<SetIdentifierFields>
