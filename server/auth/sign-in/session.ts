import 'server-only'
import type { Session } from '@/lib/contract/session'
import { AppError } from '@/lib/errors'
import { highestRole, isEverything, ROLE_PERMISSIONS, type RoleGrant } from '@/lib/permissions'
import { effectiveRoles } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { findOpenSession } from '@/server/db/auth/sessions'
import { readRoleGrants } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { cookieName, findCookie, readSessionCookie, type SessionClaims } from './session-cookie'

/** `sessionId` is null when the caller uses a token instead of a session. */
export type CallerSession = Session & { sessionId: string | null }
export type BrowserSession = Session & { sessionId: string }

/**
 * The session of a request. Session, user and role are read from the database each time, so that signing out, a new
 * role and disabling or removing a user take effect at once.
 *
 * @throws {AppError} unauthenticated
 */
export async function requireBrowserSession(
  services: Pick<AuthServices, 'config' | 'database' | 'keys'>,
  request: Request,
): Promise<BrowserSession> {
  const header = request.headers.get('cookie')
  const cookie = findCookie(header, cookieName(services.config, 'session'))
  const claims = await readSessionCookie(services.keys, cookie)
  const session = claims && (await loadOpenSession(services.database, claims))
  if (session) return session
  // The browser had a session of this user.
  const user = claims && (await findUser(services.database, claims.sub))
  if (user?.disabledAtMs != null)
    throw new AppError('unauthenticated', 'Your user was disabled.', { facts: { userState: 'disabled' } })
  throw new AppError(
    'unauthenticated',
    cookie === undefined ? 'A session or an access token is required.' : 'Your session has ended.',
  )
}

/** The open session that a `Cookie` header names, or null. */
export async function findCookieSession(
  services: Pick<AuthServices, 'config' | 'database' | 'keys'>,
  header: string | null,
): Promise<BrowserSession | null> {
  const claims = await readSessionCookie(services.keys, findCookie(header, cookieName(services.config, 'session')))
  return claims && (await loadOpenSession(services.database, claims))
}

/** The access of a session's user. */
export function sessionAccess(
  user: Parameters<typeof effectiveRoles>[0],
): Pick<Session, 'role' | 'permissions' | 'grants'> {
  const roles = effectiveRoles(user)
  const isOnEverything = ({ resource: on }: RoleGrant) => isEverything(on)
  const role = highestRole(roles.filter(isOnEverything).map((grant) => grant.role))
  return {
    role,
    permissions: role === null ? [] : [...ROLE_PERMISSIONS[role]],
    grants: roles.filter((grant) => !isOnEverything(grant)),
  }
}

/** The session in its current state, or null when it has ended. */
export async function loadOpenSession(
  database: Database,
  { sessionId, sub }: SessionClaims,
): Promise<BrowserSession | null> {
  const open = await findOpenSession(database, sessionId)
  if (open?.userId !== sub) return null
  const [user, roleGrants] = await Promise.all([findUser(database, sub), readRoleGrants(database, sub)])
  if (!user || user.disabledAtMs !== null) return null
  return {
    sessionId,
    userId: user.userId,
    username: user.username,
    ...sessionAccess({ ...user, roleGrants }),
    expiresAtMs: open.expiresAtMs,
    hasGeneratedPassword: open.isByPassword && user.hasGeneratedPassword,
    hasPassword: user.passwordHash !== null,
  }
}
