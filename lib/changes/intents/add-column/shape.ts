import { z } from 'zod'
import { fieldId, nameText, docText, after, defaultText } from '../shapes'
import type { AddColumn } from './words'

export const addColumnShape = z.object({
  kind: z.literal('add-column'),
  parentId: fieldId.nullable(),
  parent: z.array(nameText).max(100).readonly(),
  name: nameText,
  type: z.string().max(65_536),
  required: z.boolean(),
  doc: docText.nullable(),
  initialDefault: defaultText.nullable(),
  writeDefault: defaultText.nullable(),
  after,
}) satisfies z.ZodType<AddColumn>
