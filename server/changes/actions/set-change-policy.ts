import 'server-only'
import type { ChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { type NamespaceIdentifier, namespaceLabel } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import { type OwnPolicy, requireNoStricterPolicy, setPolicyChange } from '@/server/db/catalog/change-policies'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import { readChangePolicy, readOwnPolicy } from '@/server/policy/change-policy'
import type { Action, NothingReviewed, ProposableAction } from '../pipeline/action'
import type { Attempt } from '../pipeline/attempt'
import type { ChangeServices } from '../pipeline/change-request'

type Policy = Required<OwnPolicy>

/**
 * Sets a policy that is as strict as the one before, or stricter. Writes only rows of the console: a catalog knows of no
 * policy.
 *
 * @throws {AppError} not-found when the namespace does not exist; invalid-request for a rule for engines that would not
 *   hold; forbidden for a weaker rule; and as `carryOut` does
 */
export const setChangePolicyAction: Action<ChangeServices, NamespaceIdentifier, Policy, ChangePolicy> = {
  kind: 'set-change-policy',
  isHeld: false,
  permissions: (on) => [{ permission: 'console:admin', resource: on }],
  async commit(attempt, on, policy) {
    const { database } = attempt.services
    await requireSettable(attempt, on, policy)
    if (isStricter(await readOwnPolicy(database, on), policy)) throw needsTwoPeopleError(on)
    try {
      return await writePolicy(attempt, on, policy, [requireNoStricterPolicy(on, policy)])
    } catch (error) {
      if (error instanceof UnexpectedChanges && isStricter(await readOwnPolicy(database, on), policy))
        throw needsTwoPeopleError(on)
      throw error
    }
  },
  repeat: ({ services }, on) => readChangePolicy(services.database, on),
}

type RelaxPolicy = { requiresProposal: boolean }

/**
 * Switches a policy off, or off for engines. The policy itself holds this: otherwise one admin switches it off, makes a
 * change and switches it on again. An admin proposes it, and another user who may commit changes carries it out.
 *
 * @throws {AppError} invalid-request when the policy is not stricter
 */
export const relaxChangePolicyAction: ProposableAction<
  ChangeServices,
  NamespaceIdentifier,
  RelaxPolicy,
  NothingReviewed,
  ChangePolicy,
  null
> = {
  kind: 'relax-change-policy',
  isHeld: true,
  // The request says which rule is to remain.
  toReviewed: () => ({}),
  async review({ services, actor, catalog, signal }, on, { requiresProposal }) {
    requirePermission(actor, 'console:admin', on)
    await catalog.loadNamespace(on.namespace, { signal })
    const isWeaker = isStricter(await readOwnPolicy(services.database, on), toPolicy(requiresProposal))
    return { problem: isWeaker ? null : notStricterError(on), show: async () => null }
  },
  async commit(attempt, on, { requiresProposal }) {
    const policy = toPolicy(requiresProposal)
    await requireSettable(attempt, on, policy)
    if (!isStricter(await readOwnPolicy(attempt.services.database, on), policy)) throw notStricterError(on)
    return writePolicy(attempt, on, policy)
  },
  repeat: ({ services }, on) => readChangePolicy(services.database, on),
}

/** Switches a policy off without a second person: for the command line of the server only, where none may exist. */
export const overrideChangePolicyAction: Action<ChangeServices, NamespaceIdentifier, object, ChangePolicy> = {
  kind: 'override-change-policy',
  isHeld: false,
  permissions: (on) => [{ permission: 'console:admin', resource: on }],
  async commit(attempt, on) {
    const policy = toPolicy(false)
    await requireSettable(attempt, on, policy)
    if (!isStricter(await readOwnPolicy(attempt.services.database, on), policy)) throw notStricterError(on)
    return writePolicy(attempt, on, policy)
  },
  repeat: ({ services }, on) => readChangePolicy(services.database, on),
}

function toPolicy(requiresProposal: boolean): Policy {
  return { requiresProposal, includesEngines: false }
}

/** @throws {AppError} not-found, invalid-request */
async function requireSettable(
  { catalog, signal }: Attempt<ChangeServices>,
  on: NamespaceIdentifier,
  { requiresProposal, includesEngines }: Policy,
): Promise<void> {
  await catalog.loadNamespace(on.namespace, { signal })
  if (includesEngines && (!requiresProposal || catalog.kind !== 'embedded'))
    throw new AppError(
      'invalid-request',
      requiresProposal
        ? `Engines commit to the catalog ${on.catalog} without asking Lakeshore, so it cannot refuse them. Set the rule there.`
        : 'Commits of engines are refused only if changes need two people.',
    )
}

async function writePolicy(
  attempt: Attempt<ChangeServices>,
  on: NamespaceIdentifier,
  { requiresProposal, includesEngines }: Policy,
  guards: readonly Change[] = [],
): Promise<ChangePolicy> {
  const { actor, services } = attempt
  const known = attempt.entry({
    action: 'set-change-policy',
    namespace: on,
    after: { policy: { requiresProposal, ...(requiresProposal && { includesEngines }) } },
  })
  await services.database.commit([
    ...guards,
    setPolicyChange(on, { requiresProposal, includesEngines, by: actor.username }),
    ...attempt.recorded({ known }).alongside(undefined),
  ])
  return readChangePolicy(services.database, on)
}

/** Whether the policy demands something that the other one does not. */
function isStricter(own: Policy, other: Policy): boolean {
  return (own.requiresProposal && !other.requiresProposal) || (own.includesEngines && !other.includesEngines)
}

function needsTwoPeopleError({ namespace }: NamespaceIdentifier): AppError {
  const label = namespaceLabel(namespace)
  return new AppError(
    'forbidden',
    `The policy of ${label} demands two people, also for switching it off. Nothing was changed. Propose it, so that another user can commit it.`,
    { facts: { policy: label } },
  )
}

function notStricterError({ namespace }: NamespaceIdentifier): AppError {
  return new AppError('invalid-request', `${namespaceLabel(namespace)} has no policy of its own that demands more.`)
}
