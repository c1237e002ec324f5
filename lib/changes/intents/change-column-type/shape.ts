import { z } from 'zod'
import { columnTarget } from '../shapes'
import type { ChangeColumnType } from './words'

const typeText = z.string().max(1000)

export const changeColumnTypeShape = z.object({
  kind: z.literal('change-column-type'),
  ...columnTarget,
  type: typeText,
  base: typeText,
}) satisfies z.ZodType<ChangeColumnType>
