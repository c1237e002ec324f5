import * as z from 'zod'
import { contractSchemas } from './schemas'
import { ERROR_CODES, type ErrorCode } from '@/lib/errors'

/** RFC 9457 problem details, with our `code`, `requestId` and `facts` as extension members. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    /** Facts for the screen, by name, such as the current and the requested value. */
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  })
  .register(contractSchemas, { id: 'Problem' })
export type Problem = z.output<typeof problem>
