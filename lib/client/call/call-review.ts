import { callEndpoint, type CallInput } from '@/lib/api/call-endpoint'
import type { CallOptions } from '@/lib/api/request'
import type { ReviewProblem } from '@/lib/contract/shapes/problem'
import { AppError } from '@/lib/errors'

type ReviewName = Parameters<typeof callEndpoint>[0]
type Answer<Name extends ReviewName> = Awaited<ReturnType<typeof callEndpoint<Name>>>
type OnlyProblem = { problem: ReviewProblem }

/**
 * Calls the review of an action, as `callEndpoint` does. A response that has only a problem is a failure of the query, so
 * that its panel shows the problem in place of the review.
 *
 * @throws {AppError} the problem; and as `callEndpoint`
 */
export async function callReview<Name extends ReviewName>(
  name: Name,
  input: CallInput<Name>,
  options: CallOptions,
): Promise<Exclude<Answer<Name>, OnlyProblem>> {
  const answer: unknown = await callEndpoint(name, input, options)
  if (isOnlyProblem(answer)) {
    const { code, detail, facts } = answer.problem
    throw new AppError(code, detail, { facts })
  }
  return answer as Exclude<Answer<Name>, OnlyProblem>
}

/** The problems of some reviews are texts, or have another shape, next to what there is to show. */
function isOnlyProblem(answer: unknown): answer is OnlyProblem {
  const { problem } = answer as { problem?: unknown }
  return typeof problem === 'object' && problem !== null && 'code' in problem && 'facts' in problem
}
