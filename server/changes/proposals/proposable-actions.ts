import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import { requirePermission } from '@/server/auth/actor'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { ChangeRequest } from '../pipeline/change-request'
import { NAMESPACE_ACTIONS } from './namespace-actions'
import type { Committed, Proposable, ProposalServices } from './proposable'
import { type LoadedEntry, toEntryRow } from './proposed-entry'
import { TABLE_ACTIONS } from './table-actions'
import { VIEW_ACTIONS } from './view-actions'

/** @throws {AppError} what carrying it out would throw now */
export function requireFits(
  services: ProposalServices,
  entry: LoadedEntry,
  action: Proposal['action'],
  request: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<void> {
  return findKind(entry, action).requireFits(services, entry.loaded, action, request)
}

/** @throws {AppError} forbidden without the permission of the kind; otherwise as the action does */
export function carryOutProposal(
  services: ProposalServices,
  entry: LoadedEntry,
  { action }: Proposal,
  reviewed: Reviewed | undefined,
  request: ChangeRequest,
): Promise<Committed> {
  const { permission, carryOut } = findKind(entry, action)
  requirePermission(request.actor, permission, toEntryRow(entry).on)
  return carryOut(services, entry.loaded, action, reviewed, request)
}

const ACTIONS = { table: TABLE_ACTIONS, view: VIEW_ACTIONS, namespace: NAMESPACE_ACTIONS } as const

/** The kind of the action, whose loaded entry is of its own kind. */
function findKind(
  entry: LoadedEntry,
  { kind }: Proposal['action'],
): Proposable<LoadedEntry['loaded'], Proposal['action']> {
  const found = Object.entries(ACTIONS[entry.kind]).find(([name]) => name === kind)?.[1]
  if (found === undefined) throw new AppError('internal', `There is no action ${kind} on a ${entry.kind}.`)
  return found as Proposable<LoadedEntry['loaded'], Proposal['action']>
}
