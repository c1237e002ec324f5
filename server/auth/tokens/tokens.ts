import 'server-only'
import { ALL_USERS, TOKEN_LIFETIME_DAYS, TOKEN_NAME_PATTERN } from '@/lib/contract/tokens'
import { AppError } from '@/lib/errors'
import { type Role, rolesUpTo } from '@/lib/permissions'
import type { Database } from '@/server/db/database'
import { addToken, findToken, listTokens, revokeToken, type Token } from '@/server/db/auth/tokens'
import { findUser, findUserByName, type User } from '@/server/db/auth/users'
import { type Actor, isPermitted } from '../actor'
import { tokenAudit } from './token-audit'
import { hashSecret, generateTokenText, formatTokenText } from './token-text'

const DAY_MS = 24 * 3_600_000

/** Who changes a token. */
type ChangeContext = { actor: { userId: string; username: string }; requestId: string | null }

/**
 * Makes a token that acts for `owner`.
 *
 * @returns the token and its text, which is nowhere else from now on
 * @throws {AppError} forbidden for a role above the owner's and for an owner who is disabled; invalid-request for a name
 *   or lifetime that cannot be, or when the owner has as many as anybody may
 */
export async function issueToken(
  database: Database,
  { owner, name, role, days }: { owner: User; name: string; role: Role; days: number },
  { actor, requestId }: ChangeContext,
): Promise<{ token: Token; text: string }> {
  if (owner.disabledAtMs !== null) {
    throw new AppError('forbidden', `${owner.username} is disabled, and so would the token be. No token was made.`)
  }
  if (!rolesUpTo(owner.role).includes(role)) {
    throw new AppError('forbidden', `A token of ${owner.username} can be ${owner.role} at most.`)
  }
  if (!TOKEN_NAME_PATTERN.test(name)) {
    throw new AppError('invalid-request', 'A token has a name of 1 to 64 characters on one line.')
  }
  if (!Number.isInteger(days) || days < TOKEN_LIFETIME_DAYS.min || days > TOKEN_LIFETIME_DAYS.max) {
    throw new AppError(
      'invalid-request',
      `A token holds for ${TOKEN_LIFETIME_DAYS.min} to ${TOKEN_LIFETIME_DAYS.max} whole days.`,
    )
  }
  const { tokenId, secret } = generateTokenText()
  const nowMs = database.nowMs()
  const newToken = { tokenId, name, role, createdAtMs: nowMs, expiresAtMs: nowMs + days * DAY_MS }
  const { userId, username } = owner
  const token: Token = { ...newToken, owner: { userId, username, role: owner.role }, state: 'live', lastUsedAtMs: null }
  await addToken(database, { ...newToken, userId, secretHash: hashSecret(secret) }, [
    tokenAudit({ action: 'create-token', actor, token, requestId }),
  ])
  return { token, text: formatTokenText({ tokenId, secret }) }
}

/**
 * Makes a token of one's own.
 *
 * @throws {AppError} as {@link issueToken} does
 */
export async function issueOwnToken(
  database: Database,
  tokenRequest: { name: string; role: Role; days: number },
  { actor, requestId }: { actor: Actor; requestId: string },
): Promise<{ token: Token; text: string }> {
  const owner = await findUser(database, actor.userId)
  if (!owner) throw new AppError('unauthenticated', 'There is no such user any more.')
  return issueToken(database, { ...tokenRequest, owner }, { actor, requestId })
}

/**
 * Ends a token: one's own, or anybody's for an admin.
 *
 * @throws {AppError} not-found, in the same words for somebody else's and for none
 */
export async function revokeUserToken(
  database: Database,
  tokenId: string,
  { actor, requestId }: { actor: Actor; requestId: string | null },
): Promise<Token> {
  const token = await findToken(database, tokenId)
  const isAllowed = token?.owner.userId === actor.userId || isPermitted(actor, 'console:admin', {})
  if (!token || !isAllowed) throw new AppError('not-found', 'There is no such token.')
  await revokeToken(database, tokenId, [tokenAudit({ action: 'revoke-token', actor, token, requestId })])
  return token
}

/**
 * Tokens of a person, of everybody (`*`), or the actor's own, newest first.
 *
 * @throws {AppError} forbidden for anybody's but one's own, unless one is an admin; not-found
 */
export async function listVisibleTokens(
  database: Database,
  actor: Actor,
  username: string | undefined,
): Promise<Token[]> {
  const isOwn = username === undefined || username.toLowerCase() === actor.username.toLowerCase()
  if (isOwn) return listTokens(database, actor.userId)
  if (!isPermitted(actor, 'console:admin', {})) {
    throw new AppError('forbidden', 'Only an admin sees the tokens of others.')
  }
  if (username === ALL_USERS) return listTokens(database)
  const user = await findUserByName(database, username)
  if (!user) throw new AppError('not-found', `There is no user ${username}.`)
  return listTokens(database, user.userId)
}
