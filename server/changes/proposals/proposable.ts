import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import type { Permission } from '@/lib/permissions'
import type { Services } from '@/server/services'
import type { ProposableAction } from '../pipeline/action'
import { carryOut } from '../pipeline/carry-out'
import type { ChangeRequest, Target } from '../pipeline/change-request'
import { reviewAction } from '../pipeline/review-action'

export type ProposalServices = Pick<
  Services,
  | 'catalogs'
  | 'config'
  | 'database'
  | 'keys'
  | 'log'
  | 'manifestCache'
  | 'metadataFiles'
  | 'namedTables'
  | 'stores'
  | 'viewTexts'
>

/** `metadataLocation`: of the table as committed; null where the action commits none, and for other entries. */
export type Committed = { auditId: string; metadataLocation: string | null }

/** How one kind of action is proposed and carried out. */
export type Proposable<Loaded, Proposed> = {
  /** The permission on the entry that carrying it out needs. */
  permission: Permission
  /** @throws {AppError} what carrying it out would throw now: only what fits can be proposed */
  requireFits(
    services: ProposalServices,
    loaded: Loaded,
    action: Proposed,
    request: Pick<ChangeRequest, 'actor' | 'signal'>,
  ): Promise<void>
  /** @param reviewed what the user saw who carries it out */
  carryOut(
    services: ProposalServices,
    loaded: Loaded,
    action: Proposed,
    reviewed: Reviewed | undefined,
    request: ChangeRequest,
  ): Promise<Committed>
}

/** One for each kind of a union of actions. */
export type ProposableKinds<Loaded, Actions extends { kind: string }> = {
  readonly [Kind in Actions['kind']]: Proposable<Loaded, Extract<Actions, { kind: Kind }>>
}

/** An action of the pipeline as one that is proposed. Its review says whether it fits. */
export function proposable<
  On extends Target,
  Loaded extends { identifier: On },
  Proposed,
  Requested,
  State,
  Done extends object,
  Shown,
>(
  action: ProposableAction<ProposalServices, On, Requested, State, Done, Shown>,
  {
    permission,
    toRequested,
    toLocation = () => null,
  }: {
    permission: Permission
    /** The request of the action. */
    toRequested: (proposed: Proposed, on: On) => Requested
    /** The metadata that the answer names; null if absent. */
    toLocation?: (done: Done, loaded: Loaded) => string | null
  },
): Proposable<Loaded, Proposed> {
  return {
    permission,
    async requireFits(services, { identifier: on }, proposed, reader) {
      const { problem } = await reviewAction(services, action, { on, input: toRequested(proposed, on) }, reader)
      if (problem !== null) throw problem
    },
    async carryOut(services, loaded, proposed, reviewed, request) {
      const { identifier: on } = loaded
      const input = { ...toRequested(proposed, on), ...action.toReviewed(reviewed) }
      const done = await carryOut(services, action, { on, input }, request)
      return { auditId: done.auditId, metadataLocation: toLocation(done, loaded) }
    },
  }
}
