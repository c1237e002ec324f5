import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import type { ReviewProblem } from '@/lib/contract/shapes/problem'
import { AppError } from '@/lib/errors'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Review, Reviewable } from './action'
import type { ChangeRequest, ChangeServices, Target } from './change-request'
import { isReviewProblem } from './review-problem'

type Reader = Pick<ChangeRequest, 'actor' | 'signal'>

/**
 * Reviews an action, for the users who carry it out, propose it or decide on its proposal. The endpoint has checked that
 * they may read its target.
 *
 * @throws {AppError} not-supported without the ability of the catalog; and as the review does
 */
export async function reviewAction<Needs extends ChangeServices, On extends Target, Requested, Shown>(
  services: Needs,
  action: Reviewable<Needs, On, Requested, Shown>,
  { on, input }: { on: On; input: Requested },
  { actor, signal }: Reader,
): Promise<Review<Shown>> {
  const catalog = await services.catalogs.open(on.catalog, actor)
  const ability = action.ability?.(input)
  if (ability !== undefined) await requireAbility(catalog, ability, signal)
  return action.review({ services, catalog, actor, signal }, on, input)
}

/** As {@link reviewAction}, with all that users see. @throws {AppError} also the problem, if there is nothing to show */
export async function showReview<Needs extends ChangeServices, On extends Target, Requested, Shown>(
  services: Needs,
  action: Reviewable<Needs, On, Requested, Shown>,
  requested: { on: On; input: Requested },
  reader: Reader,
): Promise<Shown> {
  return (await reviewAction(services, action, requested, reader)).show()
}

/** As {@link showReview}, for responses: the problem in place of what users see, if there is nothing to show. */
export async function answerReview<Needs extends ChangeServices, On extends Target, Requested, Shown>(
  services: Needs,
  action: Reviewable<Needs, On, Requested, Shown>,
  requested: { on: On; input: Requested },
  reader: Reader,
): Promise<Shown | { problem: ReviewProblem }> {
  const { show } = await reviewAction(services, action, requested, reader)
  return answerProblem(show)
}

/** The result of `show`, or the problem that leaves nothing to show. */
export async function answerProblem<Shown>(show: () => Promise<Shown>): Promise<Shown | { problem: ReviewProblem }> {
  try {
    return await show()
  } catch (error) {
    if (!isReviewProblem(error)) throw error
    const { code, message: detail, facts } = error
    return { problem: { code, detail, facts } }
  }
}

/** @throws {AppError} invalid-request when the request does not say what was reviewed */
export function requireReviewed<Kind extends Reviewed['kind']>(
  reviewed: Reviewed | undefined,
  kind: Kind,
): Extract<Reviewed, { kind: Kind }> {
  if (reviewed?.kind === kind) return reviewed as Extract<Reviewed, { kind: Kind }>
  throw new AppError(
    'invalid-request',
    `This proposal is committed with what was reviewed: \`reviewed\` of the kind ${kind}. Nothing was changed.`,
  )
}
