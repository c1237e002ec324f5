import 'server-only'
import { ulid } from 'ulid'
import type { AccessRequest as RequestOnWire } from '@/lib/contract/access'
import { AppError } from '@/lib/errors'
import type { RoleGrant } from '@/lib/permissions'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { AuditState } from '@/server/db/audit'
import {
  type AccessRequest,
  findAccessRequest,
  insertAccessRequest,
  listAccessRequests,
  settleRequestChange,
} from '@/server/db/auth/access-requests'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import type { Services } from '@/server/services'
import { accessAudit } from './access-audit'
import { addGrant } from './grants'
import { findGrantOn } from '@/server/db/auth/grants'
import { rolesUpTo } from '@/lib/permissions'

const MAX_LISTED = 200
const MAX_OPEN = 2000

type RequestContext = { actor: Actor; requestId: string | null }

/** @throws {AppError} already-exists, invalid-request */
export async function requestAccess(
  database: Database,
  form: RoleGrant & { note: string },
  { actor, requestId }: RequestContext,
): Promise<RequestOnWire> {
  const accessRequestId = ulid()
  const { userId, username } = actor
  const { role, resource: on } = form
  const after = { accessRequest: { username, role, on, state: 'open' } }
  await insertAccessRequest(database, { ...form, accessRequestId, userId }, [
    accessAudit('request-access', { actor, requestId }, { before: null, after, on }),
  ])
  return describe(await requireRequest(database, accessRequestId), actor)
}

/** The actor's own requests, and open ones that they may settle, newest first. */
export async function listVisibleRequests(
  database: Database,
  actor: Actor,
): Promise<{ requests: RequestOnWire[]; isTruncated: boolean }> {
  const [own, open] = await Promise.all([
    listAccessRequests(database, { userId: actor.userId }, MAX_LISTED + 1),
    listAccessRequests(database, { isOpen: true }, MAX_OPEN),
  ])
  const others = open.filter((request) => request.userId !== actor.userId && maySettle(actor, request))
  const requests = [...own, ...others].sort((a, b) => (a.accessRequestId < b.accessRequestId ? 1 : -1))
  return {
    requests: requests.slice(0, MAX_LISTED).map((request) => describe(request, actor)),
    isTruncated: requests.length > MAX_LISTED || open.length >= MAX_OPEN,
  }
}

/**
 * @throws {AppError} not-found, in the same words for a request that the actor may not settle and for a missing one;
 * invalid-request if it is already settled
 */
export async function decideAccessRequest(
  services: Pick<Services, 'config' | 'database'>,
  {
    accessRequestId,
    outcome,
    comment,
  }: { accessRequestId: string; outcome: RequestOnWire['state']; comment: string | null },
  { actor, requestId }: RequestContext,
): Promise<RequestOnWire> {
  const { database } = services
  const request = await requireRequest(database, accessRequestId)
  const isAllowed = outcome === 'withdrawn' ? request.userId === actor.userId : maySettle(actor, request)
  if (!isAllowed) throw requestNotFoundError()
  if (request.state !== 'open') throw settledError(request)
  const { userId, username, role, resource: on } = request
  const before: AuditState = { accessRequest: { username, role, on, state: 'open' } }
  const after: AuditState = { accessRequest: { username, role, on, state: outcome, comment } }
  const context = { actor, requestId }
  const settling = [
    settleRequestChange(accessRequestId, { state: outcome, by: actor.username, comment }),
    accessAudit('settle-access-request', context, { before, after, on }),
  ]
  try {
    // A request for less than the user already has takes nothing away.
    const had = await findGrantOn(database, { kind: 'user', id: userId }, on)
    const isMore = had === null || !rolesUpTo(had.role).includes(role)
    if (outcome === 'granted' && isMore) {
      await addGrant(services, { holder: { kind: 'user', id: userId }, role, resource: on }, context, settling)
    } else {
      await database.commit(settling)
    }
  } catch (error) {
    throw error instanceof UnexpectedChanges ? settledError(await requireRequest(database, accessRequestId)) : error
  }
  return describe(await requireRequest(database, accessRequestId), actor)
}

function maySettle(actor: Actor, { resource: on }: AccessRequest): boolean {
  return isPermitted(actor, 'access:manage', on)
}

async function requireRequest(database: Database, accessRequestId: string): Promise<AccessRequest> {
  const request = await findAccessRequest(database, accessRequestId)
  if (!request) throw requestNotFoundError()
  return request
}

function requestNotFoundError(): AppError {
  return new AppError('not-found', 'There is no such request.')
}

function settledError({ state, decidedBy }: AccessRequest): AppError {
  return new AppError('invalid-request', `This request was already ${state} by ${decidedBy ?? 'another user'}.`)
}

function describe(request: AccessRequest, actor: Actor): RequestOnWire {
  const isOwn = request.userId === actor.userId
  return { ...request, isOwn, canDecide: request.state === 'open' && maySettle(actor, request) }
}
