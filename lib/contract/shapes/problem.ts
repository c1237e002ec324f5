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

/** The reason that prevents an action in the current state of its target. */
export const reviewProblem = problem
  .pick({ code: true, detail: true, facts: true })
  .register(contractSchemas, { id: 'ReviewProblem' })
export type ReviewProblem = z.output<typeof reviewProblem>

/**
 * The response of a review: the effect of the action, or only a problem if the state of the target leaves nothing to
 * show. Such a state is not an error of the request.
 */
export function reviewed<Shown extends z.ZodObject>(shown: Shown) {
  return z.union([shown, z.object({ problem: reviewProblem })])
}
