import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { Review } from './action'

/** Codes with which a plan refuses the current state. After other codes a review is not possible at all. */
const PROBLEM_CODES: ReadonlySet<ErrorCode> = new Set([
  'invalid-request',
  'not-found',
  'already-exists',
  'commit-conflict',
  'version-conflict',
  'not-supported',
  'file-missing',
  'file-damaged',
])

/** Whether the error says what prevents an action in the current state of its target. */
export function isReviewProblem(error: unknown): error is AppError {
  return error instanceof AppError && PROBLEM_CODES.has(error.code)
}

/**
 * The review of a plan. If the plan refuses the current state, its error is the problem, and there is nothing to show.
 *
 * @param plan does not load the target of the action: a missing target is a failure
 */
export async function reviewPlan<Plan, Shown>(
  plan: () => Plan | Promise<Plan>,
  toReview: (planned: Plan) => Review<Shown> | Promise<Review<Shown>>,
): Promise<Review<Shown>> {
  try {
    return await toReview(await plan())
  } catch (error) {
    if (!isReviewProblem(error)) throw error
    return { problem: error, show: () => Promise.reject(error) }
  }
}
