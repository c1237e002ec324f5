import 'server-only'
import { AppError } from '@/lib/errors'
import { findUser, setPassword } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import type { BrowserSession } from './session'
import { countAttempt } from './sign-in-limit'
import { userAudit } from '../user-audit'

type PasswordChange = { currentPassword: string; newPassword: string; requestId: string }

/**
 * Changes the user's own password and ends their other sessions. The current password is required, and attempts are
 * counted like sign-ins: a stranger at an unlocked machine must not be able to guess it.
 *
 * @returns how many other sessions were ended
 * @throws {AppError} wrong-credentials, too-many-requests, invalid-request when the password is the same
 */
export async function changeOwnPassword(
  services: Pick<AuthServices, 'database' | 'keys' | 'passwords'>,
  session: BrowserSession,
  { currentPassword, newPassword, requestId }: PasswordChange,
): Promise<number> {
  const database = services.database
  const user = await findUser(database, session.userId)
  const { username } = session
  const attempt = await countAttempt(services, { username, address: `session of ${session.userId}` })
  if (!user || !(await services.passwords.matches(currentPassword, user.passwordHash))) throw attempt.toError()
  await attempt.markSucceeded()
  if (newPassword === currentPassword)
    throw new AppError('invalid-request', 'The new password is the same as the current one.')
  return setPassword(database, user.userId, await services.passwords.hash(newPassword), {
    keepSessionId: session.sessionId,
    alongside: [userAudit({ action: 'change-password', actor: user, before: user, after: user, requestId })],
  })
}
