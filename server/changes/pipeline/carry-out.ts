import 'server-only'
import { requirePermission } from '@/server/auth/actor'
import { requireAbility } from '@/server/catalog/require-ability'
import { UnexpectedChanges } from '@/server/db/database'
import { proposalClosedError } from '@/server/policy/demanded-proposal'
import type { Action } from './action'
import type { ChangeRequest, ChangeServices, Target } from './change-request'
import { Attempt } from './attempt'
import { findConcurrentWrite, findEarlierWrite, withReservedKey, writeKey } from './write-key'

/** The id of the audit entry, and the result of the action. */
export type CarriedOut<Done> = Done & { auditId: string }

/**
 * Carries out an action, at most once under one key. All writes of the console take these steps in this order, from
 * pages, programs and jobs alike: permission, ability of the catalog, idempotency, policy, then the action's own plan and
 * write, with the audit entry, the response of the key, the end of the proposal and the check of the policy in one
 * transaction.
 *
 * @throws {AppError} forbidden when the actor may not do it, or where a policy demands two people and no other user
 *   proposed it; version-conflict when the proposal is no longer open; invalid-request when the key was used for another
 *   request; commit-state-unknown while the outcome of an earlier attempt is not known; and as the action does
 */
export async function carryOut<Needs extends ChangeServices, On extends Target, Input, Done extends object>(
  services: Needs,
  action: Action<Needs, On, Input, Done>,
  { on, input }: { on: On; input: Input },
  request: ChangeRequest,
): Promise<CarriedOut<Done>> {
  const { database } = services
  const { actor, signal, proposal, idempotencyKey } = request
  for (const { permission, resource, isNew } of action.permissions?.(on, input) ?? [])
    requirePermission(actor, permission, resource, ...(isNew ? [{ isNew }] : []))
  const catalog = await services.catalogs.open(on.catalog, actor)
  const ability = action.ability?.(input)
  if (ability !== undefined) await requireAbility(catalog, ability, signal)
  const key = writeKey(actor, idempotencyKey, [action.kind, on, input, proposal?.proposalId ?? null])
  const { isHeld, proposalAdvice } = action
  const attempt = new Attempt(services, { catalog, request, key, on, isHeld, proposalAdvice })
  const answer = async (auditId: string): Promise<CarriedOut<Done>> => ({
    ...(await action.repeat(attempt, on, input, auditId)),
    auditId,
  })
  const carryOutOnce = async (reservation: string | null): Promise<CarriedOut<Done>> => {
    const earlier = await findEarlierWrite(database, key, reservation)
    if (earlier !== null) return answer(earlier)
    await attempt.requirePolicy()
    try {
      return { ...(await action.commit(attempt, on, input)), auditId: attempt.auditId }
    } catch (error) {
      const concurrent = await findConcurrentWrite(database, key, error)
      if (concurrent !== null) return answer(concurrent)
      if (error instanceof UnexpectedChanges) {
        await attempt.requirePolicy()
        if (proposal) throw proposalClosedError()
      }
      throw error
    }
  }
  const isReserved = catalog.kind !== 'embedded' || action.hasSteps
  if (key === null || !isReserved) return carryOutOnce(null)
  return withReservedKey(database, { catalog: on.catalog, key }, carryOutOnce, answer)
}
