import { z } from 'zod'
import { ERROR_CODES, type ErrorCode } from '@/lib/errors'
import { contractSchemas } from './schemas'
import { instantMs } from './wire'

/** A failure of one thing among many: it is told in the thing's own place, the rest of the answer stands. */
export const inlineProblem = z
  .object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    /** Of a catalog that was not tried again for this answer: when it last was. */
    triedAtMs: instantMs.optional(),
  })
  .register(contractSchemas, { id: 'ProblemInPlace' })
export type InlineProblem = z.output<typeof inlineProblem>
