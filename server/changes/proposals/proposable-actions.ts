import 'server-only'
import type { ProposedViewAction } from '@/lib/contract/proposals'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import { requirePermission } from '@/server/auth/actor'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { ChangeRequest } from '../pipeline/change-request'
import type { Committed, Proposable, ProposableKinds, ProposalServices } from './proposable'
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
  return entry.kind === 'view'
    ? findKind(VIEW_ACTIONS, action).requireFits(services, entry.loaded, action as ProposedViewAction, request)
    : findKind(TABLE_ACTIONS, action).requireFits(services, entry.loaded, action as ProposedAction, request)
}

/** @throws {AppError} forbidden without the permission of the kind; otherwise as the action does */
export function carryOutProposal(
  services: ProposalServices,
  entry: LoadedEntry,
  { action }: Proposal,
  reviewed: ReviewedAction | undefined,
  request: ChangeRequest,
): Promise<Committed> {
  const { table } = toEntryRow(entry)
  if (entry.kind === 'view') {
    const { permission, carryOut } = findKind(VIEW_ACTIONS, action)
    requirePermission(request.actor, permission, table)
    return carryOut(services, entry.loaded, action as ProposedViewAction, reviewed, request)
  }
  const { permission, carryOut } = findKind(TABLE_ACTIONS, action)
  requirePermission(request.actor, permission, table)
  return carryOut(services, entry.loaded, action as ProposedAction, reviewed, request)
}

function findKind<Loaded, Actions extends { kind: string }>(
  kinds: ProposableKinds<Loaded, Actions>,
  { kind }: { kind: string },
): Proposable<Loaded, Actions> {
  const found = Object.entries(kinds).find(([name]) => name === kind)?.[1]
  if (found === undefined) throw new AppError('internal', `There is no action ${kind}.`)
  return found as Proposable<Loaded, Actions>
}
