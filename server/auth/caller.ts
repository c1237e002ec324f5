import 'server-only'
import { AppError } from '@/lib/errors'
import type { AuthServices } from './auth-services'
import { type Actor, actorFor } from './actor'
import { type BearerServices, hasBearer, verifyBearer } from './authenticate-bearer'
import { type CallerSession, loadOpenSession, requireBrowserSession, sessionAccess } from './sign-in/session'

type CallerServices = BearerServices & Pick<AuthServices, 'config'>

/** The client of a request to our API. */
export type Caller = {
  actor: Actor
  /** The session as the client may see it. `sessionId` is null for a token. */
  session: CallerSession
  /** The caller with their current role; null once the session or the token has ended. */
  refresh(): Promise<Actor | null>
}

/** A request that the server sends to its own endpoints for a user without a connection: the one who started a run. */
export class ActingRequest extends Request {
  readonly actor: Actor

  constructor(url: URL, init: RequestInit, actor: Actor) {
    super(url, init)
    this.actor = actor
  }
}

/**
 * Identifies the client of a request: by a bearer token when the request has one, otherwise by the session's cookie. An
 * `Authorization` header of another scheme belongs to a proxy and is ignored.
 *
 * @param allowsGeneratedPassword also identifies a session whose user has to change a generated password first
 * @throws {AppError} unauthenticated; password-change-required; too-many-requests with `pauseSeconds` after wrong
 *   tokens
 */
export async function identifyCaller(
  services: CallerServices,
  request: Request,
  { allowsGeneratedPassword = false }: { allowsGeneratedPassword?: boolean } = {},
): Promise<Caller> {
  if (request instanceof ActingRequest) return toActingCaller(request.actor)
  const caller = await (hasBearer(request) ? identifyByToken(services, request) : identifyBySession(services, request))
  if (!caller.session.hasGeneratedPassword || allowsGeneratedPassword) return caller
  throw new AppError('password-change-required', 'Your password was generated. Change it, then try again.')
}

async function identifyBySession(services: CallerServices, request: Request): Promise<Caller> {
  const session = await requireBrowserSession(services, request)
  const { sessionId, userId } = session
  return {
    actor: toBrowserActor(session),
    session,
    async refresh() {
      const currentSession = await loadOpenSession(services.database, { sessionId, sub: userId })
      return currentSession && toBrowserActor(currentSession)
    },
  }
}

function toBrowserActor(session: CallerSession): Actor {
  return { ...actorFor({ ...session, roleGrants: session.grants }), origin: { kind: 'console' } }
}

function toActingCaller(actor: Actor): Caller {
  const session = toTokenSession(actor, sessionAccess({ role: actor.role }), Number.MAX_SAFE_INTEGER)
  return { actor, session, refresh: async () => actor }
}

async function identifyByToken(services: CallerServices, request: Request): Promise<Caller> {
  const { actor, roles, expiresAtMs, refresh } = await verifyBearer(services, request)
  return { actor, session: toTokenSession(actor, sessionAccess(roles), expiresAtMs), refresh }
}

function toTokenSession(
  { userId, username }: Actor,
  access: ReturnType<typeof sessionAccess>,
  expiresAtMs: number,
): CallerSession {
  return {
    sessionId: null,
    userId,
    username,
    ...access,
    expiresAtMs,
    hasGeneratedPassword: false,
    hasPassword: false,
  }
}
