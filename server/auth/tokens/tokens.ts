import 'server-only'
import { TOKEN_NAME_PATTERN } from '@/lib/contract/tokens'
import { ALL_USERS, TOKEN_LIFETIME_DAYS, type TokenOverlapHours } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { highestRole, type Resource, type Role, rolesUpTo } from '@/lib/permissions'
import type { Database } from '@/server/db/database'
import { addToken, findToken, listTokens, revokeToken, rotateToken, type Token } from '@/server/db/auth/tokens'
import { readRoleGrants } from '@/server/db/auth/grants'
import { listIdentities } from '@/server/db/auth/identities'
import { findUser, findUserByName, type User } from '@/server/db/auth/users'
import { type Actor, isPermitted, requirePermission } from '../actor'
import { tokenAudit } from './token-audit'
import { hashSecret, generateTokenText, formatTokenText } from './token-text'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type NewTokenForm = {
  name: string
  role: Role
  /** A catalog or a namespace; by default everything. */
  on?: Resource
  days: number
}

/** The user who changes a token. */
type ChangeContext = { actor: { userId: string; username: string }; requestId: string | null }

/**
 * Creates a token that acts for `owner`.
 *
 * @returns the token and its text, which is not stored
 * @throws {AppError} forbidden for a role above the owner's, for a disabled owner and for one with a generated
 * password; invalid-request for an invalid name or lifetime, or when the owner has as many tokens as allowed
 */
export async function issueToken(
  database: Database,
  { owner, name, role, on = {}, days }: NewTokenForm & { owner: User },
  { actor, requestId }: ChangeContext,
): Promise<{ token: Token; text: string }> {
  if (owner.disabledAtMs !== null) {
    throw new AppError('forbidden', `${owner.username} is disabled, so no token was created. Enable the user first.`)
  }
  if (owner.hasGeneratedPassword && (await listIdentities(database, owner.userId)).length === 0) {
    throw new AppError(
      'forbidden',
      `${owner.username} still has a generated password, so no token was created. They change it when they sign in.`,
    )
  }
  const highest = await highestRoleOf(database, owner)
  if (highest === null) {
    throw new AppError('forbidden', `${owner.username} has no role anywhere, so a token would be useless.`)
  }
  if (!rolesUpTo(highest).includes(role)) {
    throw new AppError('forbidden', `A token of ${owner.username} can have the role ${highest} at most.`)
  }
  if (!TOKEN_NAME_PATTERN.test(name)) {
    throw new AppError('invalid-request', 'The name of a token must be one line of 1 to 64 characters.')
  }
  if (!Number.isInteger(days) || days < TOKEN_LIFETIME_DAYS.min || days > TOKEN_LIFETIME_DAYS.max) {
    throw new AppError(
      'invalid-request',
      `The lifetime of a token must be ${TOKEN_LIFETIME_DAYS.min} to ${TOKEN_LIFETIME_DAYS.max} whole days.`,
    )
  }
  const { tokenId, secret } = generateTokenText()
  const nowMs = database.nowMs()
  const newToken = {
    tokenId,
    name,
    limit: { role, resource: on },
    createdAtMs: nowMs,
    expiresAtMs: nowMs + days * DAY_MS,
  }
  const { userId, username, isService } = owner
  const token: Token = {
    ...newToken,
    owner: { userId, username, role: owner.role, isService },
    state: 'live',
    lastUsedAtMs: null,
    rotatedAtMs: null,
    previous: null,
  }
  await addToken(database, { ...newToken, userId, secretHash: hashSecret(secret) }, [
    tokenAudit({ action: 'create-token', actor, token, requestId }),
  ])
  return { token, text: formatTokenText({ tokenId, secret }) }
}

/** The highest role that a user has anywhere. */
export async function highestRoleOf(
  database: Database,
  { userId, role }: Pick<User, 'userId' | 'role'>,
): Promise<Role | null> {
  const granted = (await readRoleGrants(database, userId)).map((grant) => grant.role)
  return highestRole([role, ...granted])
}

/**
 * Creates a token for the caller, or for a service account if the caller is an admin.
 *
 * @param tokenRequest `user` is the name of the service account
 * @throws {AppError} as {@link issueToken} does; forbidden for another user, not-found
 */
export async function issueRequestedToken(
  database: Database,
  { user: username, ...tokenRequest }: NewTokenForm & { user?: string | undefined },
  { actor, requestId }: { actor: Actor; requestId: string },
): Promise<{ token: Token; text: string }> {
  const owner = await (username === undefined
    ? findUser(database, actor.userId)
    : findServiceAccount(database, username, actor))
  if (!owner) throw new AppError('unauthenticated', 'Your user has been removed.')
  return issueToken(database, { ...tokenRequest, owner }, { actor, requestId })
}

/** A token acts as its owner, so an admin creates none for a person. */
async function findServiceAccount(database: Database, username: string, actor: Actor): Promise<User> {
  requirePermission(actor, 'console:admin', {})
  const user = await findUserByName(database, username)
  if (!user) throw new AppError('not-found', `There is no user ${username}.`)
  if (user.isService) return user
  throw new AppError('forbidden', `${user.username} is not a service account, and creates their own tokens.`)
}

/**
 * Revokes a token: the caller's own, or any token if the caller is an admin.
 *
 * @throws {AppError} not-found, in the same words for another user's token and for a missing one
 */
export async function revokeUserToken(
  database: Database,
  tokenId: string,
  { actor, requestId }: { actor: Actor; requestId: string | null },
): Promise<Token> {
  const token = await findToken(database, tokenId)
  const isAllowed = token?.owner.userId === actor.userId || isPermitted(actor, 'console:admin', {})
  if (!token || !isAllowed) throw new AppError('not-found', 'Token not found. It was not revoked.')
  await revokeToken(database, tokenId, [tokenAudit({ action: 'revoke-token', actor, token, requestId })])
  return token
}

/**
 * Replaces the secret of a token, which keeps its id, name, role, limit and expiry. The old secret, and access tokens
 * that were issued for it, are accepted for the overlap. A secret before that ends at once.
 *
 * @returns the text of the token with the new secret, which is not stored
 * @throws {AppError} not-found; invalid-request for a token that is not valid now; version-conflict
 */
export async function rotateTokenSecret(
  database: Database,
  tokenId: string,
  overlapHours: TokenOverlapHours,
  { actor, requestId }: ChangeContext,
): Promise<{ token: Token; text: string }> {
  const token = await findToken(database, tokenId)
  if (!token) throw new AppError('not-found', 'Token not found. It was not rotated.')
  if (token.state !== 'live') {
    throw new AppError(
      'invalid-request',
      `${token.name} is ${token.state}, so it was not rotated. Create another token.`,
    )
  }
  const { secret } = generateTokenText()
  const nowMs = database.nowMs()
  const overlapMs = overlapHours * HOUR_MS
  await rotateToken(database, tokenId, { secretHash: hashSecret(secret), replacedHash: token.secretHash, overlapMs }, [
    tokenAudit({ action: 'rotate-token', actor, token, requestId, oldSecretEndsAtMs: nowMs + overlapMs }),
  ])
  const rotated = await findToken(database, tokenId)
  if (!rotated) throw new AppError('not-found', 'The token was removed at the same moment.')
  return { token: rotated, text: formatTokenText({ tokenId, secret }) }
}

/**
 * Rotates the caller's own token, or that of a service account if the caller is an admin.
 *
 * @throws {AppError} as {@link rotateTokenSecret} does; not-found, in the same words for another user's token and for a
 *   missing one; forbidden for an admin and the token of a person
 */
export async function rotateVisibleToken(
  database: Database,
  { tokenId, overlapHours }: { tokenId: string; overlapHours: TokenOverlapHours },
  context: { actor: Actor; requestId: string },
): Promise<{ token: Token; text: string }> {
  const { actor } = context
  const owner = (await findToken(database, tokenId))?.owner
  if (owner && owner.userId !== actor.userId) {
    if (!isPermitted(actor, 'console:admin', {})) {
      throw new AppError('not-found', 'Token not found. It was not rotated.')
    }
    if (!owner.isService) {
      throw new AppError('forbidden', `The token acts as ${owner.username}, so only they rotate it. You can revoke it.`)
    }
  }
  return rotateTokenSecret(database, tokenId, overlapHours, context)
}

/**
 * Tokens of a user, of all users (`*`), or the actor's own, newest first.
 *
 * @throws {AppError} forbidden for other users' tokens unless the caller is an admin; not-found
 */
export async function listVisibleTokens(
  database: Database,
  actor: Actor,
  username: string | undefined,
): Promise<Token[]> {
  const isOwn = username === undefined || username.toLowerCase() === actor.username.toLowerCase()
  if (isOwn) return listTokens(database, actor.userId)
  if (!isPermitted(actor, 'console:admin', {})) {
    throw new AppError('forbidden', 'Only an admin can list the tokens of other users.')
  }
  if (username === ALL_USERS) return listTokens(database)
  const user = await findUserByName(database, username)
  if (!user) throw new AppError('not-found', `There is no user ${username}.`)
  return listTokens(database, user.userId)
}
