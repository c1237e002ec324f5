import 'server-only'
import { randomBytes } from 'node:crypto'
import { openSession } from '@/server/db/auth/sessions'
import { setDisplayName, type User } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import type { AuthServices } from '@/server/auth/auth-services'
import { sessionAudit } from '../sign-in/sign-in-audit'
import { userAudit } from '../user-audit'
import type { IdentityProvider, SignInAttempt } from './identity-provider'
import { groupChanges } from './group-changes'
import { readPerson } from './provider-person'
import { settleUser } from './settle-user'
import { SignInRefusal } from './sign-in-refusal'
import { toSignInRefusal } from './to-sign-in-refusal'

/**
 * Completes a sign-in with the provider and opens a session.
 *
 * @param search the query with which the browser came back
 * @throws {SignInRefusal}
 */
export async function signInWithProvider(
  services: Pick<AuthServices, 'config' | 'database' | 'refusals'>,
  provider: IdentityProvider,
  {
    search,
    attempt,
    address,
    requestId,
  }: { search: string; attempt: SignInAttempt; address: string; requestId: string },
): Promise<{ userId: string; sessionId: string }> {
  const { config, database, refusals } = services
  const { settings } = provider
  const claims = await provider.exchangeCode(search, attempt).catch((error: unknown) => {
    throw toSignInRefusal(error)
  })
  try {
    const person = readPerson(settings, claims)
    const user = await settleUser(services, settings, person, requestId)
    if (person.displayName !== null && person.displayName !== user.displayName) {
      await changeDisplayName(database, settings.name, user, person.displayName, requestId)
    }
    const sessionId = randomBytes(24).toString('base64url')
    const lifeMs = config.sessionHours * 3_600_000
    const audit = sessionAudit('sign-in', { user, requestId, address, provider: settings.issuer })
    const alongside = [...(await groupChanges(database, settings, { user, person, requestId })), audit]
    if (await openSession(database, { sessionId, userId: user.userId, lifeMs }, alongside)) {
      return { userId: user.userId, sessionId }
    }
    throw new SignInRefusal('user-disabled', 'The user was disabled in the meantime.', { user })
  } catch (error) {
    if (error instanceof SignInRefusal) {
      const { code, message, user } = error
      const identity = { issuer: settings.issuer, subject: claims.sub }
      await refusals.recordProviderSignIn({ code, reason: message, user, identity, address, requestId })
    }
    throw error
  }
}

async function changeDisplayName(
  database: Database,
  provider: string,
  user: User,
  displayName: string,
  requestId: string,
): Promise<void> {
  const actor = { userId: 'identity-provider', username: provider }
  const audit = userAudit({ action: 'rename-user', actor, before: user, after: { ...user, displayName }, requestId })
  await setDisplayName(database, user.userId, displayName, [audit])
}
