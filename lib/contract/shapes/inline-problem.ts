import * as z from 'zod'
import { ERROR_CODES, type ErrorCode } from '@/lib/errors'
import { contractSchemas } from './schemas'
import { instantMs } from './wire'

/** The failure of one item among many. It is returned with the item; the rest of the response is valid. */
export const inlineProblem = z
  .object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    /** For a catalog that was not contacted again for this response: when it last was. */
    attemptStartedAtMs: instantMs.optional(),
  })
  .register(contractSchemas, { id: 'InlineProblem' })
export type InlineProblem = z.output<typeof inlineProblem>
