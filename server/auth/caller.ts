import 'server-only'
import { ROLE_PERMISSIONS } from '@/lib/permissions'
import { findToken } from '@/server/db/tokens'
import type { Services } from '@/server/services'
import { type Actor, actorFor } from './actor'
import { hasBearer, readBearer } from './bearer'
import { actorOfToken } from './presented-token'
import { type KnownSession, openSessionOf, sessionOf } from './session'

type CallerServices = Pick<Services, 'config' | 'database' | 'keys' | 'tokenUses'>

/** Who sends a request to our API. */
export type Caller = {
  actor: Actor
  /** What the client may know of itself. `sessionId` is null for a token. */
  session: KnownSession
  /** The caller with the role of now; null once the session or the token has ended. */
  refresh(): Promise<Actor | null>
}

/**
 * Identifies the client of a request: by a bearer token when the request has one, otherwise by the session's cookie. An
 * `Authorization` header of another scheme belongs to a proxy and is ignored.
 *
 * @throws {AppError} unauthenticated; too-many-requests with `pauseSeconds` after wrong tokens
 */
export async function identifyCaller(services: CallerServices, request: Request): Promise<Caller> {
  return hasBearer(request) ? tokenCaller(services, request) : sessionCaller(services, request)
}

async function sessionCaller(services: CallerServices, request: Request): Promise<Caller> {
  const session = await sessionOf(services, request)
  const { sessionId, userId } = session
  return {
    actor: actorFor(session),
    session,
    async refresh() {
      const now = await openSessionOf(services.database, { sessionId, sub: userId })
      return now && actorFor(now)
    },
  }
}

async function tokenCaller(services: CallerServices, request: Request): Promise<Caller> {
  const { token, actor } = await readBearer(services, request)
  const { userId, username, role } = actor
  return {
    actor,
    session: {
      sessionId: null,
      userId,
      username,
      role,
      permissions: [...ROLE_PERMISSIONS[role]],
      expiresAtMs: token.expiresAtMs,
      hasGeneratedPassword: false,
    },
    async refresh() {
      const now = await findToken(services.database, token.tokenId)
      return now?.state === 'live' ? { ...actor, ...actorOfToken(now) } : null
    },
  }
}
