import * as z from 'zod'
import type { Intent } from '@/lib/changes/intents/intent'
import { intentShape } from '@/lib/changes/intents/intent-shape'
import { contractSchemas } from './schemas'

/** A pending change in the tray. */
export const changeIntent: z.ZodType<Intent> = intentShape.register(contractSchemas, { id: 'ChangeIntent' })

export const changeIntents = z.array(changeIntent).min(1).max(200)
