import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Permission } from '@/lib/permissions'
import type { Services } from '@/server/services'
import type { ChangeRequest } from '../pipeline/change-request'

export type ProposalServices = Pick<
  Services,
  'catalogs' | 'config' | 'database' | 'keys' | 'log' | 'manifestCache' | 'metadataFiles'
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
