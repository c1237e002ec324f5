import 'server-only'
import type { User as UserOnWire } from '@/lib/contract/access'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { linkUser, unlinkUser } from '@/server/auth/oidc/link-user'
import { generatePassword } from '@/server/auth/sign-in/passwords'
import { forgetUserAttempts } from '@/server/auth/sign-in/sign-in-limit'
import { userAudit } from '@/server/auth/user-audit'
import { countUserParts } from '@/server/db/auth/user-pages'
import { readGroupsOf } from '@/server/db/auth/groups'
import { readIdentitiesOf } from '@/server/db/auth/identities'
import {
  addUser,
  disableUser,
  enableUser,
  findUser,
  removeUser,
  setDisplayName,
  setPassword,
  setRole,
  type User,
} from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import type { Services } from '@/server/services'
import type { AccessContext } from './access-audit'

type UserServices = Pick<Services, 'database' | 'keys' | 'passwords'>

/** @throws {AppError} not-found */
export async function requireUser(database: Database, userId: string): Promise<User> {
  const user = await findUser(database, userId)
  if (!user) throw new AppError('not-found', 'There is no such user.')
  return user
}

/** Users as admins see them, in the order given. */
export async function describeUsers(database: Database, users: readonly User[]): Promise<UserOnWire[]> {
  const userIds = users.map(({ userId }) => userId)
  const [groups, parts, identities] = await Promise.all([
    readGroupsOf(database, userIds),
    countUserParts(database, userIds),
    readIdentitiesOf(database, userIds),
  ])
  return users.map((user) => {
    const { userId, username, displayName, role, disabledAtMs, createdAtMs, lastSignInAtMs } = user
    const { tokenCount = 0, grantCount = 0, tokenUsedAtMs = null } = parts.get(userId) ?? {}
    const identity = identities.get(userId)
    const seen = [lastSignInAtMs, tokenUsedAtMs].filter((atMs) => atMs !== null)
    return {
      userId,
      username,
      displayName,
      role,
      disabledAtMs,
      createdAtMs,
      lastSeenAtMs: seen.length === 0 ? null : Math.max(...seen),
      isService: user.isService,
      signInMethod: user.isService
        ? 'none'
        : identity
          ? { provider: new URL(identity.issuer).host, subject: identity.subject }
          : 'password',
      hasPassword: user.passwordHash !== null,
      groups: groups.get(userId) ?? [],
      tokenCount,
      grantCount,
    }
  })
}

export async function describeUser(database: Database, userId: string): Promise<UserOnWire> {
  const [described] = await describeUsers(database, [await requireUser(database, userId)])
  if (!described) throw new Error('a user was not described')
  return described
}

/**
 * Adds a user with a generated password, which is stored nowhere, or a service account, which has none.
 *
 * @throws {AppError} already-exists, invalid-request
 */
export async function createUser(
  { database, passwords }: UserServices,
  {
    username,
    role,
    displayName = null,
    isService = false,
  }: {
    username: string
    role: Role | null
    displayName?: string | null | undefined
    isService?: boolean | undefined
  },
  { actor, requestId }: AccessContext,
): Promise<{ userId: string; password: string | null }> {
  const password = isService ? null : generatePassword()
  const user = { username, role, displayName, isService, hasGeneratedPassword: password !== null }
  const passwordHash = password === null ? null : await passwords.hash(password)
  const audit = userAudit({ action: 'add-user', actor, before: null, after: user, requestId })
  return { userId: await addUser(database, { ...user, passwordHash }, [audit]), password }
}

type UserEdit = {
  role?: Role | null | undefined
  isDisabled?: boolean | undefined
  displayName?: string | null | undefined
}

/** @throws {AppError} not-found; invalid-request for the last admin who may sign in */
export async function changeUser(
  { database }: Pick<UserServices, 'database'>,
  userId: string,
  { role, isDisabled, displayName }: UserEdit,
  { actor, requestId }: AccessContext,
): Promise<void> {
  const user = await requireUser(database, userId)
  const audit = (action: Parameters<typeof userAudit>[0]['action'], after = user) => [
    userAudit({ action, actor, before: user, after, requestId }),
  ]
  if (role !== undefined && role !== user.role) {
    await setRole(database, userId, role, audit('change-role', { ...user, role }))
  }
  if (isDisabled === true && user.disabledAtMs === null) await disableUser(database, userId, audit('disable-user'))
  if (isDisabled === false && user.disabledAtMs !== null) await enableUser(database, userId, audit('enable-user'))
  if (displayName !== undefined && displayName !== user.displayName) {
    await setDisplayName(database, userId, displayName, audit('rename-user', { ...user, displayName }))
  }
}

/** @throws {AppError} not-found; invalid-request for a service account */
export async function resetPassword(
  { database, keys, passwords }: UserServices,
  userId: string,
  { actor, requestId }: AccessContext,
): Promise<{ password: string; endedSessionCount: number }> {
  const user = await requireUser(database, userId)
  refuseServiceAccount(user)
  const password = generatePassword()
  const endedSessionCount = await setPassword(database, userId, await passwords.hash(password), {
    isGenerated: true,
    alongside: [
      forgetUserAttempts(keys, user.username),
      userAudit({ action: 'change-password', actor, before: user, after: user, requestId }),
    ],
  })
  return { password, endedSessionCount }
}

/**
 * Links a user to a subject of the identity provider, or with null unlinks them. Admins cannot change their own
 * sign-in, so at least one admin can still sign in.
 *
 * @throws {AppError} not-found; invalid-request for the caller and a service account, and without a provider; already-exists for the subject
 * of another user
 */
export async function setSubject(
  services: Pick<Services, 'config' | 'database'>,
  userId: string,
  subject: string | null,
  { actor, requestId }: AccessContext,
): Promise<void> {
  const user = await requireUser(services.database, userId)
  if (userId === actor.userId) {
    throw new AppError('invalid-request', 'Only another admin can change how you sign in. Nothing was changed.')
  }
  refuseServiceAccount(user)
  if (subject === null) await unlinkUser(services, user, actor, requestId)
  else await linkUser(services, user, subject, actor, requestId)
}

/** @throws {AppError} invalid-request for a service account, which never signs in */
export function refuseServiceAccount({ username, isService }: Pick<User, 'username' | 'isService'>): void {
  if (!isService) return
  throw new AppError('invalid-request', `${username} is a service account and never signs in. Nothing was changed.`)
}

/** @throws {AppError} not-found; invalid-request for the last admin who may sign in */
export async function deleteUser(
  { database, keys }: Pick<UserServices, 'database' | 'keys'>,
  userId: string,
  { actor, requestId }: AccessContext,
): Promise<void> {
  const user = await requireUser(database, userId)
  await removeUser(database, userId, [
    forgetUserAttempts(keys, user.username),
    userAudit({ action: 'remove-user', actor, before: user, after: null, requestId }),
  ])
}
