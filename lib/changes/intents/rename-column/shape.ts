import { z } from 'zod'
import { nameText, columnTarget } from '../shapes'
import type { RenameColumn } from './words'

export const renameColumnShape = z.object({
  kind: z.literal('rename-column'),
  ...columnTarget,
  name: nameText,
  movesProperties: z.boolean(),
}) satisfies z.ZodType<RenameColumn>
