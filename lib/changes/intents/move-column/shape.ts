import { z } from 'zod'
import { nameText, columnTarget, after } from '../shapes'
import type { MoveColumn } from './words'

export const moveColumnShape = z.object({
  kind: z.literal('move-column'),
  ...columnTarget,
  after,
  afterName: nameText.nullable(),
}) satisfies z.ZodType<MoveColumn>
