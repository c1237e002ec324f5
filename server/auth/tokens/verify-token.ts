import 'server-only'
import type { RoleGrant } from '@/lib/permissions'
import { findToken, findTokenWithPause, type Token } from '@/server/db/auth/tokens'
import type { AuthServices } from '@/server/auth/auth-services'
import { mightBeAccessToken, readAccessToken } from './access-token'
import { type Actor, actorFor } from '../actor'
import { countGuess, guessKey, refuseWhilePaused } from './token-limit'
import { hashSecret, isMatchingSecret, parseTokenText, type TokenText } from './token-text'
import type { TokenUses } from './token-uses'

/** The address from which a token was presented. */
export type ClientContext = { address: string }

/** A secret that no token has, so that an unknown token takes as long as a known one. */
const DUMMY_SECRET_HASH = hashSecret('nobody')

/**
 * The token with the presented text, when it is correct and still valid; otherwise null. A wrong token is counted.
 *
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function verifyToken(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  { tokenId, secret }: TokenText,
  { address }: ClientContext,
): Promise<Token | null> {
  const { database } = services
  const found = await findTokenWithPause(database, {
    tokenId,
    attemptsKey: guessKey(services.keys, { address, tokenId }),
  })
  if (found) refuseWhilePaused(found.pauseLeftMs)
  const isRight = isMatchingSecret(secret, found?.secretHash ?? DUMMY_SECRET_HASH)
  if (found && isRight) return acceptLiveToken(services.tokenUses, found.token)
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
): Promise<Token | null> {
  const accessToken = readAccessToken(services.keys, text)
  if (!accessToken) {
    await countGuess(services, { address, tokenId: null })
    return null
  }
  const { database } = services
  if (accessToken.expiresAtMs <= database.nowMs() && !isExpiredAllowed) return null
  const token = await findToken(database, accessToken.tokenId)
  return token && acceptLiveToken(services.tokenUses, token)
}

/**
 * The token with the presented text, whichever of the two it is. A text that cannot be a token is refused without being
 * counted: it is no guess.
 */
export async function verifyTokenText(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  clientContext: Parameters<typeof verifyAccessToken>[2],
): Promise<Token | null> {
  if (mightBeAccessToken(text)) return verifyAccessToken(services, text, clientContext)
  const tokenText = parseTokenText(text)
  return tokenText && verifyToken(services, tokenText, clientContext)
}

/** The owner of a token as an actor, whose permissions are those that both the token and its owner have now. */
export function actorForToken({ owner, limit }: Token, roleGrants: readonly RoleGrant[]): Actor {
  return actorFor({ ...owner, roleGrants, limit })
}

/** A correct token that has ended is refused without being counted: it is no guess. */
function acceptLiveToken(tokenUses: TokenUses, token: Token): Token | null {
  if (token.state !== 'live') return null
  tokenUses.record(token)
  return token
}
