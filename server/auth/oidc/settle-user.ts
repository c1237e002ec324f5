import 'server-only'
import { AppError } from '@/lib/errors'
import type { OidcSettings } from '@/server/config/oidc-settings'
import { addIdentityChange, findUserByIdentity } from '@/server/db/auth/identities'
import { addUser, findUserByName, type User } from '@/server/db/auth/users'
import { UnexpectedChanges } from '@/server/db/database'
import type { AuthServices } from '@/server/auth/auth-services'
import { userAudit } from '../user-audit'
import type { ProviderPerson } from './provider-person'
import { SignInRefusal } from './sign-in-refusal'

/**
 * The user of a person whom the provider has identified: the one with their identity, or a new one if the settings
 * create users. A user with the same name counts as another person until an admin links them.
 *
 * @throws {SignInRefusal} user-unknown, user-disabled, name-taken, claims-missing
 */
export async function settleUser(
  services: Pick<AuthServices, 'database'>,
  settings: OidcSettings,
  person: ProviderPerson,
  requestId: string | null,
): Promise<User> {
  const { database } = services
  const identity = { issuer: settings.issuer, subject: person.subject }
  const known = await findUserByIdentity(database, identity)
  const user = known ?? (await createUser(services, settings, person, requestId))
  if (user.disabledAtMs !== null) {
    throw new SignInRefusal('user-disabled', 'The user is disabled.', { user })
  }
  return user
}

async function createUser(
  { database }: Pick<AuthServices, 'database'>,
  settings: OidcSettings,
  { subject, username, displayName }: ProviderPerson,
  requestId: string | null,
): Promise<User> {
  const identity = { issuer: settings.issuer, subject }
  if (!settings.createsUsers) throw new SignInRefusal('user-unknown', `No user has the identity ${subject}.`)
  const role = settings.newUserRole
  if (username === null) {
    throw new SignInRefusal('claims-missing', `The token has no claim ${settings.claims.username}.`)
  }
  try {
    const audit = userAudit({
      action: 'add-user',
      actor: { userId: 'identity-provider', username: settings.name },
      before: null,
      after: { username, role },
      requestId,
    })
    await addUser(database, { username, displayName, passwordHash: null, hasGeneratedPassword: false, role }, [
      addIdentityChange(username, identity),
      audit,
    ])
  } catch (error) {
    const isTaken = error instanceof AppError && error.code === 'already-exists'
    if (!isTaken && !(error instanceof UnexpectedChanges)) throw error
    // Another request of the same person may have been first.
    const first = await findUserByIdentity(database, identity)
    if (first) return first
    throw new SignInRefusal('name-taken', `The username ${username} of ${subject} belongs to another user.`, {
      user: await findUserByName(database, username),
      cause: error,
    })
  }
  const created = await findUserByIdentity(database, identity)
  if (!created) throw new SignInRefusal('user-unknown', 'The user was removed at the same moment.')
  return created
}
