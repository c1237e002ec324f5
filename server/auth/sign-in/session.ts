import 'server-only'
import type { Session } from '@/lib/contract/session'
import { AppError } from '@/lib/errors'
import { ROLE_PERMISSIONS } from '@/lib/permissions'
import type { Database } from '@/server/db/database'
import { findOpenSession } from '@/server/db/auth/sessions'
import { findUser } from '@/server/db/auth/users'
import type { Services } from '@/server/services'
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
  services: Pick<Services, 'config' | 'database' | 'keys'>,
  request: Request,
): Promise<BrowserSession> {
  const header = request.headers.get('cookie')
  const session = await findCookieSession(services, header)
  if (session) return session
  const hasCookie = findCookie(header, cookieName(services.config, 'session')) !== undefined
  throw new AppError(
    'unauthenticated',
    hasCookie ? 'Your session has ended.' : 'A session or an access token is required.',
  )
}

/** The open session that a `Cookie` header names, or null. */
export async function findCookieSession(
  services: Pick<Services, 'config' | 'database' | 'keys'>,
  header: string | null,
): Promise<BrowserSession | null> {
  const claims = await readSessionCookie(services.keys, findCookie(header, cookieName(services.config, 'session')))
  return claims && (await loadOpenSession(services.database, claims))
}

/** The session in its current state, or null when it has ended. */
export async function loadOpenSession(
  database: Database,
  { sessionId, sub }: SessionClaims,
): Promise<BrowserSession | null> {
  const open = await findOpenSession(database, sessionId)
  const user = open?.userId === sub ? await findUser(database, sub) : null
  if (!open || !user || user.disabledAtMs !== null) return null
  return {
    sessionId,
    userId: user.userId,
    username: user.username,
    role: user.role,
    permissions: [...ROLE_PERMISSIONS[user.role]],
    expiresAtMs: open.expiresAtMs,
    hasGeneratedPassword: user.hasGeneratedPassword,
  }
}
