import 'server-only'
import type { RoleGrant } from '@/lib/permissions'
import { findToken, findTokenWithPause, type SecretHashes, type Token } from '@/server/db/auth/tokens'
import type { AuthServices } from '@/server/auth/auth-services'
import { mightBeAccessToken, readAccessToken } from './access-token'
import { type Actor, actorFor } from '../actor'
import { countGuess, guessKey, refuseWhilePaused } from './token-limit'
import { hashSecret, isMatchingSecret, parseTokenText, secretIdOf, type TokenText } from './token-text'
import type { TokenUses } from './token-uses'

/** The address from which a token was presented. */
export type ClientContext = { address: string }

/** A token with the id of the secret that was presented, directly or with an access token issued for it. */
export type VerifiedToken = Token & { secretId: string }

/** A secret that no token has, so that an unknown token takes as long as a known one. */
const DUMMY_SECRET_HASH = hashSecret('nobody')

/**
 * The token with the presented text, when it is correct and still valid; otherwise null. A wrong token is counted. The
 * secret before a rotation is not a guess, even after it has ended.
 *
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function verifyToken(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  { tokenId, secret }: TokenText,
  { address }: ClientContext,
): Promise<VerifiedToken | null> {
  const { database } = services
  const found = await findTokenWithPause(database, {
    tokenId,
    attemptsKey: guessKey(services.keys, { address, tokenId }),
  })
  if (found) refuseWhilePaused(found.pauseLeftMs)
  const { secretHash = DUMMY_SECRET_HASH, previousSecretHash = null } = found?.hashes ?? {}
  const isCurrent = isMatchingSecret(secret, secretHash)
  const isPrevious = isMatchingSecret(secret, previousSecretHash ?? DUMMY_SECRET_HASH)
  if (found && (isCurrent || isPrevious)) {
    const presented = secretIdOf(hashSecret(secret))
    return acceptToken(services.tokenUses, found.token, found.hashes, presented)
  }
  await countGuess(services, { address, tokenId: found ? tokenId : null })
  return null
}

/**
 * The personal access token for which an access token of the OAuth endpoint was issued, when both are valid; otherwise
 * null. An access token that is not ours is counted.
 *
 * @param isExpiredAllowed when the client has also proven its identity in another way
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
async function verifyAccessToken(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  { address, isExpiredAllowed = false }: ClientContext & { isExpiredAllowed?: boolean },
): Promise<VerifiedToken | null> {
  const accessToken = readAccessToken(services.keys, text)
  if (!accessToken) {
    await countGuess(services, { address, tokenId: null })
    return null
  }
  const { database } = services
  if (accessToken.expiresAtMs <= database.nowMs() && !isExpiredAllowed) return null
  const token = await findToken(database, accessToken.tokenId)
  return token && acceptToken(services.tokenUses, token, token, accessToken.secretId ?? firstSecretId(token))
}

/** Access tokens without the id of a secret were issued before secrets could be rotated. */
function firstSecretId({ rotatedAtMs, secretHash }: Token & SecretHashes): string | null {
  return rotatedAtMs === null ? secretIdOf(secretHash) : null
}

/**
 * The token with the presented text, whichever of the two it is. A text that cannot be a token is refused without being
 * counted: it is not a guess.
 */
export async function verifyTokenText(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  clientContext: Parameters<typeof verifyAccessToken>[2],
): Promise<VerifiedToken | null> {
  if (mightBeAccessToken(text)) return verifyAccessToken(services, text, clientContext)
  const tokenText = parseTokenText(text)
  return tokenText && verifyToken(services, tokenText, clientContext)
}

/** The owner of a token as an actor, whose permissions are those that both the token and its owner have now. */
export function actorForToken({ owner, limit }: Token, roleGrants: readonly RoleGrant[]): Actor {
  return actorFor({ ...owner, roleGrants, limit })
}

/** Whether a token is valid and still accepts the secret. */
export function acceptsSecret(token: Token, hashes: SecretHashes, secretId: string): boolean {
  return token.state === 'live' && findSecret(token, hashes, secretId) !== null
}

/** A secret that a token accepts now. */
function findSecret(
  { lastUsedAtMs, previous }: Token,
  { secretHash, previousSecretHash }: SecretHashes,
  secretId: string,
) {
  if (secretIdOf(secretHash) === secretId) return { secretHash, lastUsedAtMs }
  if (!previous || previousSecretHash === null || secretIdOf(previousSecretHash) !== secretId) return null
  return { secretHash: previousSecretHash, lastUsedAtMs: previous.lastUsedAtMs }
}

/** A correct token that has ended, or whose secret has, is refused without being counted: it is not a guess. */
function acceptToken(
  tokenUses: TokenUses,
  token: Token,
  hashes: SecretHashes,
  secretId: string | null,
): VerifiedToken | null {
  const secret = secretId === null || token.state !== 'live' ? null : findSecret(token, hashes, secretId)
  if (secretId === null || !secret) return null
  tokenUses.record({ tokenId: token.tokenId, ...secret })
  return { ...token, secretId }
}
