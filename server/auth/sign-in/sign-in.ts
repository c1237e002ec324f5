import 'server-only'
import { randomBytes } from 'node:crypto'
import { PASSWORD_CHARS } from '@/lib/contract/shapes/plain-values'
import { openSession } from '@/server/db/auth/sessions'
import { findUserByName } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { sessionAudit } from './sign-in-audit'
import { countAttempt } from './sign-in-limit'

/**
 * Checks a name and a password and opens a session. An unknown name and a disabled user take the same time, count as
 * the same attempts, and are refused in the same words.
 *
 * @throws {AppError} wrong-credentials with `attemptsLeft` and `pauseSeconds`, too-many-requests with `pauseSeconds`
 */
export async function signIn(
  services: Pick<AuthServices, 'config' | 'database' | 'keys' | 'passwords' | 'refusals'>,
  {
    username,
    password,
    address,
    requestId,
  }: {
    username: string
    password: string
    address: string
    requestId: string
  },
): Promise<{ userId: string; sessionId: string }> {
  const database = services.database
  const attempt = await countAttempt(services, { username, address })
  const user = await findUserByName(database, username)
  const isRight = await services.passwords.matches(
    password.slice(0, PASSWORD_CHARS.max + 1),
    user?.passwordHash ?? null,
  )
  const refuse = async (): Promise<never> => {
    const error = attempt.toError()
    await services.refusals.recordSignIn(error, { user, address, requestId })
    throw error
  }
  if (!user || !isRight || user.disabledAtMs !== null) return refuse()
  const sessionId = randomBytes(24).toString('base64url')
  const lifeMs = services.config.sessionHours * 3_600_000
  const session = { sessionId, userId: user.userId, isByPassword: true }
  const alongside = [sessionAudit('sign-in', { user, requestId, address })]
  if (!(await openSession(database, { ...session, lifeMs }, alongside))) return refuse()
  await attempt.markSucceeded()
  return { userId: user.userId, sessionId }
}
