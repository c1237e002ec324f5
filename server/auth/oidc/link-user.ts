import 'server-only'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import {
  addIdentityChange,
  findUserByIdentity,
  type Identity,
  linkIdentity,
  listIdentities,
  unlinkIdentity,
} from '@/server/db/auth/identities'
import { addUser, type User } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import type { Actor } from '../actor'
import { userAudit } from '../user-audit'

type LinkServices = Pick<AuthServices, 'config' | 'database'>
type LinkActor = Pick<Actor, 'userId' | 'username' | 'origin'>

/**
 * Adds a user without a password, who signs in with the identity provider as this subject: a person before their first
 * sign-in, or a service account.
 *
 * @returns the id of the user
 * @throws {AppError} invalid-request without a provider, already-exists for the name or the subject
 */
export async function addLinkedUser(
  { config, database }: LinkServices,
  user: { username: string; role: Role | null },
  subject: string,
  actor: LinkActor,
  requestId: string | null,
): Promise<string> {
  const identity = toIdentity(config, subject)
  if (await findUserByIdentity(database, identity)) {
    throw new AppError('already-exists', 'Another user has this subject. Nothing was changed.')
  }
  return addUser(database, { ...user, passwordHash: null, hasGeneratedPassword: false }, [
    addIdentityChange(user.username, identity),
    userAudit({ action: 'add-user', actor, before: null, after: user, requestId }),
    identityAudit(actor, user, null, identity, requestId),
  ])
}

/**
 * Lets a user sign in with the identity provider as this subject, in place of another one.
 *
 * @throws {AppError} invalid-request without a provider, already-exists for the subject of another user
 */
export async function linkUser(
  { config, database }: LinkServices,
  user: User,
  subject: string,
  actor: LinkActor,
  requestId: string | null,
): Promise<void> {
  const identity = toIdentity(config, subject)
  const before = await findIdentity({ config, database }, user)
  if (before?.subject === subject) return
  await linkIdentity(database, user.userId, identity, [identityAudit(actor, user, before, identity, requestId)])
}

/** @throws {AppError} invalid-request without a provider, not-found when the user has no identity of it */
export async function unlinkUser(
  { config, database }: LinkServices,
  user: User,
  actor: LinkActor,
  requestId: string | null,
): Promise<void> {
  const before = await findIdentity({ config, database }, user)
  if (!before) throw new AppError('not-found', `${user.username} does not sign in with the identity provider.`)
  const audit = identityAudit(actor, user, before, null, requestId)
  await unlinkIdentity(database, user.userId, before.issuer, [audit])
}

async function findIdentity({ config, database }: LinkServices, { userId }: User): Promise<Identity | null> {
  const issuer = requireIssuer(config)
  return (await listIdentities(database, userId)).find((identity) => identity.issuer === issuer) ?? null
}

function toIdentity(config: AuthServices['config'], subject: string): Identity {
  if (subject === '' || subject.length > 255 || /\p{Cc}/u.test(subject)) {
    throw new AppError('invalid-request', 'A subject has 1 to 255 characters.')
  }
  return { issuer: requireIssuer(config), subject }
}

function requireIssuer({ oidc }: AuthServices['config']): string {
  if (oidc) return oidc.issuer
  throw new AppError('invalid-request', 'No identity provider is set. Set LAKESHORE_OIDC_ISSUER first.')
}

function identityAudit(
  actor: LinkActor,
  { username, role }: { username: string; role: Role | null },
  before: Identity | null,
  after: Identity | null,
  requestId: string | null,
): Change {
  const state = (identity: Identity | null) => ({
    user: { username, role: role ?? 'none' },
    ...(identity && { identity }),
  })
  return auditChange({
    actor,
    action: after ? 'link-identity' : 'unlink-identity',
    before: state(before),
    after: state(after),
    requestId,
  })
}
