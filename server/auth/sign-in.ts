import 'server-only'
import { randomBytes } from 'node:crypto'
import { PASSWORD_LENGTH } from '@/lib/contract/session'
import { config } from '@/server/config'
import { openSession } from '@/server/db/sessions'
import { findUserByName } from '@/server/db/users'
import { isPassword } from './passwords'
import { takeTry } from './sign-in-limit'

/**
 * Checks a name and a password and opens a session. A name nobody has costs the same time and tries, and is refused
 * in the same words.
 *
 * @throws {AppError} wrong-credentials with `triesLeft` and `pauseSeconds`, too-many-requests with `pauseSeconds`
 */
export async function signIn(
  { username, password, address }: { username: string; password: string; address: string },
  nowMs = Date.now(),
): Promise<{ userId: string; sessionId: string }> {
  const taken = await takeTry({ username, address }, nowMs)
  const user = findUserByName(username)
  const isRight = await isPassword(password.slice(0, PASSWORD_LENGTH.max + 1), user?.passwordHash ?? null)
  if (!user || !isRight) throw taken.wrong()
  await taken.succeeded()
  const sessionId = randomBytes(24).toString('base64url')
  const expiresAtMs = nowMs + config().sessionHours * 3_600_000
  await openSession({ sessionId, userId: user.userId, expiresAtMs }, nowMs)
  return { userId: user.userId, sessionId }
}
